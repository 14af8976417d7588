//! Code that pretend agents read and change: the ending of a file decides its language. Made up.

use crate::{model::Hunk, text::Safe};

/// What is in a file, and how it is changed first and second.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Sample {
    pub(super) language: &'static str,
    /// It is code, not settings: new files are made beside it.
    pub(super) is_code: bool,
    pub(super) formatter: &'static str,
    /// What is looked for in such files.
    pub(super) pattern: &'static str,
    pub(super) read: &'static str,
    pub(super) first: &'static [&'static str],
    pub(super) second: &'static [&'static str],
    pub(super) fence: &'static str,
}

const PRETTIER: &str = "npx prettier --write";

const TYPESCRIPT: Sample = Sample {
    language: "ts",
    is_code: true,
    formatter: PRETTIER,
    pattern: "capture|keyFor",
    read: "12\texport async function capture(order: Order): Promise<Receipt> {\n13\t  const total = sum(order.lines);\n14\t  return gateway.capture(order.id, total);\n15\t}",
    first: &[
        " export async function capture(order: Order): Promise<Receipt> {",
        "   const total = sum(order.lines);",
        "-  return gateway.capture(order.id, total);",
        "+  const key = keyFor(order);",
        "+  return gateway.capture(order.id, total, { key });",
        " }",
    ],
    second: &[
        " export function keyFor(order: Order): string {",
        "-  return `${order.id}`;",
        "+  // The same order in another currency is another payment.",
        "+  return `${order.id}:${order.currency}`;",
        " }",
    ],
    fence: "const key = keyFor(order); // stable over retries\nawait gateway.capture(order.id, total, { key });",
};

const CSS: Sample = Sample {
    language: "css",
    is_code: false,
    formatter: PRETTIER,
    pattern: "--ink|--paper",
    read: "1\t:root {\n2\t  --ink: #1a1a1a;\n3\t  --paper: #ffffff;\n4\t}",
    first: &[
        " :root {",
        "-  --ink: #1a1a1a;",
        "+  --ink: light-dark(#1a1a1a, #ececec);",
        "   --paper: #ffffff;",
        " }",
    ],
    second: &[
        "   --ink: light-dark(#1a1a1a, #ececec);",
        "-  --paper: #ffffff;",
        "+  --paper: light-dark(#fff, #161616);",
    ],
    fence: ".basket:focus-within {\n  outline: 2px solid var(--ink);\n}",
};

const RUST: Sample = Sample {
    language: "rust",
    is_code: true,
    formatter: "rustfmt",
    pattern: "fn post|Unbalanced",
    read: "31\tpub fn post(&mut self, entry: Entry) -> Result<(), Unbalanced> {\n32\t    self.entries.push(entry);\n33\t    Ok(())\n34\t}",
    first: &[
        " pub fn post(&mut self, entry: Entry) -> Result<(), Unbalanced> {",
        "-    self.entries.push(entry);",
        "+    let sum: Cents = entry.legs().map(Leg::amount).sum();",
        "+    if sum != Cents::ZERO {",
        "+        return Err(Unbalanced(sum));",
        "+    }",
        "+    self.entries.push(entry);",
        "     Ok(())",
        " }",
    ],
    second: &[
        " impl fmt::Display for Unbalanced {",
        "     fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {",
        "-        write!(f, \"unbalanced\")",
        "+        write!(f, \"the legs differ by {}\", self.0)",
        "     }",
        " }",
    ],
    fence: "let sum: Cents = entry.legs().map(Leg::amount).sum();\nassert_eq!(sum, Cents::ZERO);",
};

const TOML: Sample = Sample {
    language: "toml",
    is_code: false,
    formatter: "taplo format",
    pattern: "profile|version",
    read: "1\t[package]\n2\tname = \"sample\"\n3\tversion = \"2.3.4\"",
    first: &[" [package]", "-version = \"2.3.4\"", "+version = \"2.3.5\""],
    second: &["+[profile.release]", "+lto = \"thin\""],
    fence: "[profile.release]\nlto = \"thin\"",
};

const TERRAFORM: Sample = Sample {
    language: "hcl",
    is_code: true,
    formatter: "terraform fmt",
    pattern: "aws_vpc|subnet_ids",
    read: "4\tresource \"aws_db_instance\" \"orders\" {\n5\t  engine            = \"postgres\"\n6\t  storage_encrypted = false\n7\t}",
    first: &[
        " resource \"aws_db_instance\" \"orders\" {",
        "   engine            = \"postgres\"",
        "-  storage_encrypted = false",
        "+  storage_encrypted = true",
        "+  kms_key_id        = aws_kms_key.orders.arn",
        " }",
    ],
    second: &[" variable \"retention\" {", "-  default = 7", "+  default = 35", " }"],
    fence: "output \"endpoint\" {\n  value = aws_db_instance.orders.endpoint\n}",
};

const JSON: Sample = Sample {
    language: "json",
    is_code: false,
    formatter: PRETTIER,
    pattern: "Action|Resource",
    read: "3\t  \"Effect\": \"Allow\",\n4\t  \"Action\": \"s3:*\",\n5\t  \"Resource\": \"*\"",
    first: &[
        "   \"Effect\": \"Allow\",",
        "-  \"Action\": \"s3:*\",",
        "+  \"Action\": [\"s3:GetObject\", \"s3:PutObject\"],",
        "   \"Resource\": \"*\"",
    ],
    second: &["-  \"Resource\": \"*\"", "+  \"Resource\": \"arn:aws:s3:::acme-deploy/*\""],
    fence: "{ \"Effect\": \"Deny\", \"Action\": \"iam:*\", \"Resource\": \"*\" }",
};

const KOTLIN: Sample = Sample {
    language: "kotlin",
    is_code: true,
    formatter: "ktlint -F",
    pattern: "suspend fun|lastSync",
    read: "18\tsuspend fun sync(since: Instant) {\n19\t    val changes = api.changes(since)\n20\t    store.apply(changes)\n21\t}",
    first: &[
        " suspend fun sync(since: Instant) {",
        "-    val changes = api.changes(since)",
        "+    val changes = retry(times = 3) { api.changes(since) }",
        "     store.apply(changes)",
        "+    lastSync = changes.until",
        " }",
    ],
    second: &[
        " fun isDue(now: Instant): Boolean =",
        "-    now > lastSync + interval",
        "+    now > lastSync + interval || now < lastSync",
    ],
    fence: "val sync = Sync(api, FakeStore())\nsync.sync(Instant.EPOCH)\nassertEquals(2, sync.store.size)",
};

const GRADLE: Sample = Sample {
    language: "kotlin",
    is_code: false,
    formatter: "ktlint -F",
    pattern: "minSdk|implementation",
    read: "9\tandroid {\n10\t    defaultConfig {\n11\t        minSdk = 26\n12\t    }\n13\t}",
    first: &[
        "     buildTypes {",
        "         release {",
        "-            isMinifyEnabled = false",
        "+            isMinifyEnabled = true",
        "+            isShrinkResources = true",
        "         }",
    ],
    second: &[
        " dependencies {",
        "-    implementation(libs.biometric)",
        "+    implementation(libs.credentials)",
        " }",
    ],
    fence: "tasks.withType<Test> { useJUnitPlatform() }",
};

const XML: Sample = Sample {
    language: "xml",
    is_code: false,
    formatter: "xmllint --format --output -",
    pattern: "string name",
    read: "2\t<resources>\n3\t    <string name=\"sync_failed\">Sync failed</string>\n4\t</resources>",
    first: &[
        " <resources>",
        "-    <string name=\"sync_failed\">Sync failed</string>",
        "+    <string name=\"sync_failed\">Not synchronised since %1$s</string>",
        " </resources>",
    ],
    second: &["+    <string name=\"sync_retry\">Try again</string>", " </resources>"],
    fence: "<string name=\"login_passkey\">Log in with a passkey</string>",
};

const GO: Sample = Sample {
    language: "go",
    is_code: true,
    formatter: "gofmt -w",
    pattern: "func Merge|mu.Lock",
    read: "27\tfunc (s *Shard) Merge(other *Shard) error {\n28\t\treturn s.append(other.docs)\n29\t}",
    first: &[
        " func (s *Shard) Merge(other *Shard) error {",
        "+    s.mu.Lock()",
        "+    defer s.mu.Unlock()",
        "     return s.append(other.docs)",
        " }",
    ],
    second: &[
        "     if err := s.append(docs); err != nil {",
        "-        return err",
        "+        return fmt.Errorf(\"merge %s: %w\", s.name, err)",
        "     }",
    ],
    fence: "func TestMergeWhileDeleting(t *testing.T) {\n    t.Parallel()\n    require.NoError(t, a.Merge(b))\n}",
};

const GO_MOD: Sample = Sample {
    language: "go",
    is_code: false,
    formatter: "go mod edit -fmt",
    pattern: "require",
    read: "1\tmodule acme.example/search-indexer\n3\tgo 1.24",
    first: &[" module acme.example/search-indexer", "-go 1.24", "+go 1.25"],
    second: &[" require (", "+    golang.org/x/sync v0.17.0", " )"],
    fence: "require golang.org/x/sync v0.17.0",
};

const MARKDOWN: Sample = Sample {
    language: "markdown",
    is_code: true,
    formatter: PRETTIER,
    pattern: "signature|webhook",
    read: "5\t## Receive an event\n6\t\n7\tYour server gets a `POST` for every order.",
    first: &[
        " ## Receive an event",
        " ",
        "-Your server gets a `POST` for every order.",
        "+Your server gets a `POST` for every order. It may come twice:",
        "+look at the `event-id` before you act.",
    ],
    second: &["+> An event is sent again for three days until you answer with `200`."],
    fence: "1. Make a sandbox key.\n2. Send the first order.\n3. Look at it in the dashboard.",
};

const HTML: Sample = Sample {
    language: "html",
    is_code: false,
    formatter: PRETTIER,
    pattern: "<main|<nav",
    read: "8\t<body>\n9\t  <div class=\"main\">\n10\t  </div>\n11\t</body>",
    first: &[
        " <body>",
        "-  <div class=\"main\">",
        "+  <main id=\"content\">",
        "-  </div>",
        "+  </main>",
        " </body>",
    ],
    second: &[" <body>", "+  <a class=\"skip\" href=\"#content\">Skip to content</a>"],
    fence: "<a class=\"skip\" href=\"#content\">Skip to content</a>",
};

const PYTHON: Sample = Sample {
    language: "python",
    is_code: true,
    formatter: "ruff format",
    pattern: "def cells|split",
    read: "8\tdef cells(row):\n9\t    return [cell.strip() for cell in row.split(\"|\")]",
    first: &[
        " def cells(row):",
        "-    return [cell.strip() for cell in row.split(\"|\")]",
        "+    # An escaped bar is a part of the cell.",
        "+    parts = re.split(r\"(?<!\\\\)\\|\", row)",
        "+    return [part.replace(\"\\\\|\", \"|\").strip() for part in parts]",
    ],
    second: &[" import json", "+import re", " import sys"],
    fence: "assert cells(r\"a \\| b | c\") == [\"a | b\", \"c\"]",
};

const NOTEBOOK: Sample = Sample {
    language: "json",
    is_code: false,
    formatter: "nbqa black",
    pattern: "errors|groupby",
    read: "14\t   \"source\": [\n15\t    \"errors.groupby('page').size()\"\n16\t   ]",
    first: &[
        "    \"source\": [",
        "-    \"errors.groupby('page').size()\"",
        "+    \"errors.groupby(['engine', 'page']).size()\"",
        "    ]",
    ],
    second: &["-   \"execution_count\": 7,", "+   \"execution_count\": null,"],
    fence: "errors.groupby(['engine', 'page']).size()",
};

const YAML: Sample = Sample {
    language: "yaml",
    is_code: false,
    formatter: PRETTIER,
    pattern: "required|responses",
    read: "21\t      responses:\n22\t        \"200\":\n23\t          description: Captured",
    first: &[
        "       responses:",
        "         \"200\":",
        "           description: Captured",
        "+        \"409\":",
        "+          description: Captured before with the same key",
    ],
    second: &["-      required: false", "+      required: true"],
    fence: "\"409\":\n  description: Captured before with the same key",
};

/// What is in a file of this name.
pub(super) fn of(file: &str) -> &'static Sample {
    match file.rsplit('.').next().unwrap_or_default() {
        "css" => &CSS,
        "rs" => &RUST,
        "toml" => &TOML,
        "tf" => &TERRAFORM,
        "json" => &JSON,
        "kt" => &KOTLIN,
        "kts" => &GRADLE,
        "xml" => &XML,
        "go" => &GO,
        "mod" => &GO_MOD,
        "md" => &MARKDOWN,
        "html" => &HTML,
        "py" => &PYTHON,
        "ipynb" => &NOTEBOOK,
        "yaml" | "yml" => &YAML,
        _ => &TYPESCRIPT,
    }
}

/// A change as it would be recorded.
pub(super) fn hunk(lines: &[&str], at: u64) -> Hunk {
    let count = |mark: char| lines.iter().filter(|line| !line.starts_with(mark)).count() as u64;
    Hunk {
        old_start: at,
        old_lines: count('+'),
        new_start: at,
        new_lines: count('-'),
        lines: lines.iter().map(|line| Safe::line(line)).collect(),
    }
}
