//! What remains of sessions that came and went (P17).

use std::fs;

use orchdash::{
    model::{Health, PriceTable, SourceId, Timestamp, Zone},
    sources::{Hint, Moment, Sink, SourceSettings, kind},
    store::Store,
};

use super::{resident, verdict};

/// Sessions an hour.
const SESSIONS: u32 = 1000;
/// Hours: the first ones fill tables and heap, the rest is measured.
const HOURS: u32 = 24;
const WARM: u32 = 6;

pub(super) fn run() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("projects/-w");
    fs::create_dir_all(&folder).unwrap();
    let settings = SourceSettings {
        id: SourceId(0),
        paths: vec![home.path().to_owned()],
        zone: Zone::UTC,
        options: Vec::new(),
        memory: None,
    };
    let mut source = kind("claude-code").unwrap().open(&settings).unwrap();
    let mut store = Store::new(PriceTable::built_in());
    let (mut seq, mut health) = (0, Health::default());
    let now = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
    let mut before = 0;
    for hour in 0..=HOURS {
        for n in 0..SESSIONS {
            let id = format!("{hour:08x}-0000-4000-8000-{n:012x}");
            fs::write(folder.join(format!("{id}.jsonl")), session(&id, n)).unwrap();
        }
        for remove in [false, true] {
            if remove {
                fs::read_dir(&folder)
                    .unwrap()
                    .flatten()
                    .for_each(|file| fs::remove_file(file.path()).unwrap());
            }
            let mut send = |batch| {
                store.apply(batch);
                true
            };
            let first = hour == 0 && !remove;
            let mut sink = Sink::new(SourceId(0), &mut seq, &mut health, first, &mut send);
            let at = Moment { now, fixed: true };
            if first {
                source.snapshot(&at, &mut sink).unwrap();
            } else {
                source.refresh(&at, &Hint { rescan: true, ..Hint::default() }, &mut sink).unwrap();
            }
            sink.finish();
            assert_eq!(store.agents.len(), if remove { 0 } else { SESSIONS as usize });
        }
        if hour == WARM {
            before = resident("self", "VmRSS");
        }
    }
    let grown = resident("self", "VmRSS").saturating_sub(before) as f64;
    let sessions = f64::from(SESSIONS) * f64::from(HOURS - WARM);
    let day = grown / sessions * f64::from(SESSIONS) * 24.0;
    verdict(
        "P17",
        "memory that remains, 1,000 sessions an hour",
        &format!("{:.1} MB a day", day / 1e6),
        &format!("≤ 2 MB a day; {:.0} B a session", grown / sessions),
        day <= 2e6,
    );
}

fn session(id: &str, n: u32) -> String {
    let line = |kind: &str, message: &str| {
        format!(
            r#"{{"type":"{kind}","sessionId":"{id}","uuid":"{id}-{kind}","timestamp":"2026-11-19T10:{:02}:00.000Z","cwd":"/w","message":{message}}}"#,
            n % 60
        ) + "\n"
    };
    line("user", &format!(r#"{{"role":"user","content":"do number {n}"}}"#))
        + &line(
            "assistant",
            &format!(
                r#"{{"id":"m-{id}","role":"assistant","model":"claude-opus-5-5","content":[{{"type":"text","text":"done"}}],"stop_reason":"end_turn","usage":{{"input_tokens":5,"output_tokens":{n},"cache_read_input_tokens":900}}}}"#
            ),
        )
}
