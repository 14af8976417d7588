//! Makes transcript trees of any size with known totals: the shape of real ones (one line a content block with the same
//! usage again, fat tool results, decoy usage inside them, sub-agents, resumed sessions), the words made up.

use std::{
    fmt::Write as _,
    fs,
    io::{self, BufWriter, Write},
    path::Path,
};

/// What a right reader must find.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    /// Distinct responses.
    pub responses: u64,
    /// New input tokens.
    pub input: u64,
    /// Output tokens.
    pub output: u64,
    /// Cache read tokens.
    pub cache_read: u64,
    /// Cache write tokens (1 hour).
    pub cache_write_1h: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Files written.
    pub files: u64,
}

/// Splitmix64: the same seed gives the same tree.
pub(crate) struct Random(pub u64);

impl Random {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }
}

const MODELS: [&str; 3] = ["claude-opus-5-5", "claude-sonnet-5-5", "claude-haiku-4-5-20251001"];
const WORDS: [&str; 16] = [
    "alpha",
    "buffer",
    "cache",
    "delta",
    "entry",
    "field",
    "graph",
    "handle",
    "index",
    "\\n",
    "kernel",
    "\\\"layer\\\"",
    "module",
    "→",
    "packet",
    "queue",
];

/// Writes about `megabytes` of transcripts below `root/projects`.
pub(crate) fn write(root: &Path, megabytes: u64, seed: u64) -> io::Result<Truth> {
    let mut random = Random(seed);
    let mut truth = Truth::default();
    let filler: String = {
        let mut text = String::new();
        while text.len() < 64 * 1024 {
            text.push_str(WORDS[random.below(16) as usize]);
            text.push(' ');
        }
        text
    };
    let mut session = 0;
    while truth.bytes < megabytes * 1_000_000 {
        session += 1;
        let size = 100_000 + random.below(random_cap(megabytes));
        write_session(root, session, size, &filler, &mut random, &mut truth)?;
    }
    Ok(truth)
}

fn random_cap(megabytes: u64) -> u64 {
    (megabytes * 1_000_000 / 40).clamp(50_000, 3_000_000)
}

fn write_session(
    root: &Path,
    number: u64,
    size: u64,
    filler: &str,
    random: &mut Random,
    truth: &mut Truth,
) -> io::Result<()> {
    let project = number % 12;
    let id = format!("{number:08x}-0000-4000-8000-{seed:012x}", seed = random.next() & 0xffff_ffff_ffff);
    let folder = root.join("projects").join(format!("-home-dev-project-{project}"));
    fs::create_dir_all(&folder)?;
    let mut out = BufWriter::with_capacity(1 << 20, fs::File::create(folder.join(format!("{id}.jsonl")))?);
    truth.files += 1;
    // Ten weeks up to 2026-11-19, a response about every half minute.
    let mut at = 1_789_000_000 + number * 7919 % 5_900_000;
    let mut written = 0;
    let mut line = String::new();
    let mut response = 0_u64;
    let common = |at: u64| {
        let time = format!("{}", Seconds(at));
        format!(
            r#""isSidechain":false,"userType":"external","cwd":"/home/dev/project-{project}","sessionId":"{id}","version":"2.1.287","gitBranch":"main","timestamp":"{time}""#
        )
    };
    while written < size {
        if response.is_multiple_of(9) {
            line.clear();
            let _ = writeln!(
                line,
                r#"{{"type":"user","uuid":"u{number}-{response}","parentUuid":null,{},"promptSource":"typed","message":{{"role":"user","content":"Please look after {}"}}}}"#,
                common(at),
                slice(filler, random, 60)
            );
            out.write_all(line.as_bytes())?;
            written += line.len() as u64;
        }
        let model = MODELS[random.below(3) as usize];
        let (input, output) = (1 + random.below(300), 20 + random.below(2500));
        let (read, write_1h) = (10_000 + random.below(120_000), random.below(9000));
        let blocks = 1 + random.below(3);
        for block in 0..blocks {
            line.clear();
            let tool = block + 1 == blocks;
            let content = if tool {
                format!(
                    r#"{{"type":"tool_use","id":"toolu_{number}_{response}","name":"Bash","input":{{"command":"{}"}}}}"#,
                    slice(filler, random, 90)
                )
            } else {
                format!(r#"{{"type":"text","text":"{}"}}"#, slice(filler, random, 220))
            };
            let _ = writeln!(
                line,
                r#"{{"parentUuid":"u","type":"assistant",{},"message":{{"model":"{model}","id":"msg_{number}_{response}","type":"message","role":"assistant","content":[{content}],"stop_reason":"tool_use","stop_sequence":null,"usage":{{"input_tokens":{input},"cache_creation_input_tokens":{write_1h},"cache_read_input_tokens":{read},"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":{write_1h}}},"output_tokens":{output},"service_tier":"standard"}}}},"requestId":"req_{number}_{response}","uuid":"a{number}-{response}-{block}"}}"#,
                common(at)
            );
            out.write_all(line.as_bytes())?;
            written += line.len() as u64;
        }
        truth.responses += 1;
        truth.input += input;
        truth.output += output;
        truth.cache_read += read;
        truth.cache_write_1h += write_1h;
        line.clear();
        let fat = if random.below(200) == 0 { 50_000 } else { 400 + random.below(12_000) };
        let _ = writeln!(
            line,
            r#"{{"parentUuid":"a","type":"user",{},"message":{{"role":"user","content":[{{"tool_use_id":"toolu_{number}_{response}","type":"tool_result","content":"{} {{\"usage\":{{\"input_tokens\":9000000}}}}","is_error":false}}]}},"uuid":"r{number}-{response}","toolUseResult":{{"stdout":"ok","stderr":"","interrupted":false}}}}"#,
            common(at + 5),
            slice(filler, random, fat as usize)
        );
        out.write_all(line.as_bytes())?;
        written += line.len() as u64;
        response += 1;
        at += 20 + random.below(40);
    }
    truth.bytes += written;
    out.flush()
}

fn slice<'a>(filler: &'a str, random: &mut Random, bytes: usize) -> &'a str {
    let start = random.below((filler.len() - bytes.min(60_000) - 8) as u64) as usize;
    let start = filler[filler.ceil_char_boundary(start)..]
        .find(' ')
        .map_or(0, |at| filler.ceil_char_boundary(start) + at);
    let end = filler.floor_char_boundary((start + bytes).min(filler.len()));
    // Words end at blanks, so an escape such as \" is never cut in two.
    filler[start..end].rfind(' ').map_or("", |last| &filler[start..start + last])
}

/// Unix seconds as transcripts write them.
struct Seconds(u64);

impl std::fmt::Display for Seconds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let time = orchdash::model::Timestamp::from_secs(self.0 as i64);
        write!(f, "{time}")
    }
}
