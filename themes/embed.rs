//! Build script: every `themes/*.toml` becomes a built-in theme by existing.
//! It lies beside the themes so that the top level of the project stays small.
#![allow(
    clippy::expect_used,
    clippy::print_stdout,
    reason = "a build script talks to cargo on stdout and can only stop when it fails"
)]

use std::{env, fs, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=themes");
    let root = env::var("CARGO_MANIFEST_DIR").expect("cargo sets CARGO_MANIFEST_DIR");
    let mut names: Vec<String> = fs::read_dir(Path::new(&root).join("themes"))
        .expect("the themes directory is part of the project")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| name.strip_suffix(".toml").map(str::to_owned))
        .collect();
    names.sort();
    let mut code = String::from(
        "/// Built-in themes: name and TOML text, by name.\npub const BUILT_IN: &[(&str, &str)] = &[\n",
    );
    for name in names {
        let file = format!("concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/themes/{name}.toml\")");
        code = code + "    (\"" + &name + "\", include_str!(" + &file + ")),\n";
    }
    code.push_str("];\n");
    let out = env::var("OUT_DIR").expect("cargo sets OUT_DIR");
    fs::write(Path::new(&out).join("themes.rs"), code).expect("OUT_DIR is writable");
}
