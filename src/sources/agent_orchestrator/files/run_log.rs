//! `orchestration.log`: every run of the script appends to the same file, runs at the same time interleave and carry no
//! number. Which run a line belongs to follows from what each run can do next. Pure.

use crate::{
    model::{Millis, Status, Timestamp, Zone},
    text::Safe,
};

/// A run that said nothing for longer may as well have died.
pub(in super::super) const SILENT: Millis = Millis::hours(1);

/// An agent's part in a phase.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Part {
    pub(in super::super) agent: Safe,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) ended: Option<Timestamp>,
}

/// A phase of a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct RunPhase {
    pub(in super::super) name: Safe,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) parts: Vec<Part>,
    pub(in super::super) skipped: bool,
    has_agents: bool,
}

/// One run of the script.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Run {
    /// Unique among runs of the file: when it began, and the how manieth of that second it is.
    pub(in super::super) name: Safe,
    pub(in super::super) project: Option<Safe>,
    pub(in super::super) level: Option<i64>,
    pub(in super::super) started: Option<Timestamp>,
    pub(in super::super) last: Option<Timestamp>,
    pub(in super::super) summary: Option<Timestamp>,
    pub(in super::super) rejected: bool,
    pub(in super::super) phases: Vec<RunPhase>,
    /// Decisions and the check of MCP servers, as written.
    pub(in super::super) remarks: Vec<Safe>,
    /// Another run was going on at the same time, so lines may stand in the wrong one.
    pub(in super::super) interleaved: bool,
    /// Another run of its project began before this one ended: most likely somebody stopped it and began anew.
    pub(in super::super) superseded: bool,
}

/// Runs of the file so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Runs {
    pub(in super::super) all: Vec<Run>,
}

/// A line after its time.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct Spoken {
    pub(in super::super) at: Option<Timestamp>,
    pub(in super::super) text: Safe,
}

/// Splits a line into its time (local) and its text, without colours in either spelling.
pub(in super::super) fn line(raw: &str, zone: Zone) -> Option<Spoken> {
    let plain = without_colours(raw);
    let (time, text) = plain.trim().strip_prefix('[')?.split_once(']')?;
    let at = Timestamp::parse_local(time, zone);
    Some(Spoken { at, text: Safe::line(text.trim()) })
}

/// The script stores the four characters `\033` where other shells store the real escape.
pub(in super::super) fn without_colours(raw: &str) -> String {
    let mut rest = raw;
    let mut out = String::with_capacity(raw.len());
    while let Some(at) =
        rest.find("\\033[").map(|at| (at, 5)).or_else(|| rest.find("\u{1b}[").map(|at| (at, 2)))
    {
        let (start, length) = at;
        out.push_str(rest.get(..start).unwrap_or_default());
        let code = rest.get(start + length..).unwrap_or_default();
        let end = code.find(|ch: char| !(ch.is_ascii_digit() || ch == ';'));
        rest = match end {
            Some(end) if code.get(end..=end) == Some("m") => code.get(end + 1..).unwrap_or_default(),
            Some(end) => code.get(end..).unwrap_or_default(),
            None => "",
        };
    }
    out.push_str(rest);
    out
}

impl Runs {
    /// Takes the next line.
    pub(in super::super) fn add(&mut self, spoken: &Spoken) {
        let (at, text) = (spoken.at, spoken.text.as_str());
        let bare = text.trim_start_matches(|ch: char| !ch.is_ascii_alphanumeric());
        let index =
            if bare == "Checking MCP Servers" { Some(self.begin(at)) } else { self.owner(text, bare, at) };
        let Some(index) = index else { return };
        if let Some(rest) = text.strip_prefix("Project: ") {
            self.name(index, rest, at);
        }
        let Some(run) = self.all.get_mut(index) else { return };
        run.last = at.or(run.last);
        if bare == "Orchestration Summary" {
            run.summary = at.or(run.last);
        } else if let Some(name) = bare.strip_prefix("Phase: ") {
            run.phases.push(RunPhase { name: Safe::line(name), started: at, ..RunPhase::default() });
        } else if let Some(names) = text.strip_prefix("Agents: ") {
            if let Some(phase) = run.phases.last_mut() {
                phase.has_agents = true;
                let part = |name| Part { agent: Safe::line(name), ..Part::default() };
                phase.parts = names.split_whitespace().map(part).collect();
            }
        } else if let Some(name) = bare.strip_prefix("Running ").and_then(|rest| rest.strip_suffix("...")) {
            run.start(name, at);
        } else if let Some(name) = completed(text, bare) {
            run.end(name, at);
        } else if bare.starts_with("Phase skipped") || bare.ends_with("was skipped") {
            if let Some(phase) = run.phases.last_mut() {
                phase.skipped = true;
            }
            run.remarks.push(spoken.text.clone());
        } else if bare.starts_with("Plan rejected") {
            run.rejected = true;
            run.remarks.push(spoken.text.clone());
        } else if is_remark(text, bare) {
            run.remarks.push(spoken.text.clone());
        }
    }

    fn begin(&mut self, at: Option<Timestamp>) -> usize {
        let same = self.all.iter().filter(|run| run.started == at).count();
        let time = at.map_or_else(|| "unknown".to_owned(), |at| at.full(Zone::UTC).replace(' ', "T"));
        let name = if same == 0 { time } else { format!("{time}#{}", same + 1) };
        self.all.push(Run { name: Safe::line(&name), started: at, last: at, ..Run::default() });
        self.all.len() - 1
    }

    /// A run says whose it is, and from here on others may speak between its lines.
    fn name(&mut self, index: usize, text: &str, at: Option<Timestamp>) {
        let (name, level) = match text.rsplit_once(" (Level ") {
            Some((name, level)) => (name, level.trim_end_matches(')').trim().parse().ok()),
            None => (text, None),
        };
        let project = Some(Safe::line(name.trim()));
        let mut is_alone = true;
        for run in self.all.iter_mut().take(index).filter(|run| run.is_open()) {
            run.superseded |= run.project == project;
            let is_between = run.is_alive(at);
            run.interleaved |= is_between;
            is_alone &= !is_between;
        }
        if let Some(run) = self.all.get_mut(index) {
            (run.project, run.level) = (project, level);
            run.interleaved |= !is_alone;
        }
    }

    /// The run that can say this next: of those that wait for it and speak now and then the oldest, else the newest; where
    /// none waits for it, the newest that is open. One that died leaves no mark, and waits for ever.
    fn owner(&self, text: &str, bare: &str, at: Option<Timestamp>) -> Option<usize> {
        let open = || self.all.iter().enumerate().filter(|(_, run)| run.is_open());
        let oldest = |fits: &dyn Fn(&Run) -> bool| {
            let fitting = || open().filter(|(_, run)| fits(run));
            let alive = fitting().find(|(_, run)| run.is_alive(at));
            alive.or_else(|| fitting().next_back()).map(|(index, _)| index)
        };
        let newest = || open().next_back().map(|(index, _)| index);
        let phase = bare.strip_prefix("Phase: ");
        let found = if text.starts_with("Project: ") {
            oldest(&|run| run.project.is_none())
        } else if let Some(name) = phase {
            oldest(&|run| run.project.is_some() && run.is_between() && run.may_have(name))
        } else if text.starts_with("Agents: ") {
            oldest(&|run| run.phases.last().is_some_and(|phase| !phase.has_agents))
        } else if let Some(name) = bare.strip_prefix("Running ").and_then(|rest| rest.strip_suffix("...")) {
            oldest(&|run| !run.is_busy() && run.waits_for(name))
        } else if let Some(name) = completed(text, bare) {
            self.ends(name, at)
        } else if bare == "Orchestration Summary" {
            let last = |run: &Run| run.is_between() && run.parts().count() >= run.expected();
            oldest(&last).or_else(|| oldest(&|run| !run.phases.is_empty() && run.is_between()))
        } else {
            None
        };
        found.or_else(newest)
    }

    /// The run whose agent of this name ends now. One that died in the middle would wait for ever, so it is the one whose
    /// agent has worked about as long as agents do; the oldest, while that is not known.
    fn ends(&self, agent: &str, at: Option<Timestamp>) -> Option<usize> {
        let took = |part: &Part| Some(part.ended?.since(part.started?).0);
        let known: Vec<i64> = self.all.iter().flat_map(Run::parts).filter_map(took).collect();
        let usual = (!known.is_empty()).then(|| known.iter().sum::<i64>() / known.len() as i64);
        let candidates = self.all.iter().enumerate().filter(|(_, run)| run.is_open() && run.runs(agent));
        let oddness = |run: &Run| match (usual, at, run.began(agent)) {
            (Some(usual), Some(at), Some(start)) => at.since(start).0.abs_diff(usual),
            _ => 0,
        };
        candidates.min_by_key(|(_, run)| (!run.is_alive(at), oddness(run))).map(|(index, _)| index)
    }
}

/// Phases by the lowest and the highest level that has them.
const PHASES: [(&str, i64, i64); 11] = [
    ("Quick Analysis", 1, 2),
    ("Basic Implementation", 1, 2),
    ("Basic Testing", 1, 2),
    ("Research & Analysis", 3, 5),
    ("Architecture Design", 3, 5),
    ("Implementation", 3, 5),
    ("Testing & QA", 3, 5),
    ("Deployment", 3, 5),
    ("Performance Optimization", 4, 5),
    ("Security Audit", 4, 5),
    ("Documentation", 4, 5),
];

/// Words that end the set-up are no agent's.
fn completed<'a>(text: &str, bare: &'a str) -> Option<&'a str> {
    let name = bare.strip_suffix(" completed")?;
    (text.starts_with('✅') && !name.contains(' ')).then_some(name)
}

fn is_remark(text: &str, bare: &str) -> bool {
    text.starts_with(['❌', '⚠', '⏱'])
        || bare.starts_with("Non-interactive mode")
        || bare.starts_with("MCP servers")
}

impl Run {
    /// It has not ended as far as the file says.
    pub(in super::super) fn is_open(&self) -> bool {
        self.summary.is_none() && !self.rejected
    }

    /// It is open, and nothing says that it died before `at`.
    fn is_alive(&self, at: Option<Timestamp>) -> bool {
        let is_silent = matches!((self.last, at), (Some(last), Some(at)) if at.since(last) >= SILENT);
        self.is_open() && !self.superseded && !is_silent
    }

    /// All parts so far.
    pub(in super::super) fn parts(&self) -> impl Iterator<Item = &Part> {
        self.phases.iter().flat_map(|phase| &phase.parts)
    }

    /// Agents a run of this level has in all.
    pub(in super::super) fn expected(&self) -> usize {
        match self.level {
            Some(1 | 2) => 4,
            Some(3) => 10,
            Some(4 | 5) => 15,
            _ => 0,
        }
    }

    /// Agents that ended, and agents in all.
    pub(in super::super) fn progress(&self) -> (usize, usize) {
        let (done, known) = (self.parts().filter(|part| part.ended.is_some()).count(), self.parts().count());
        // Of a phase that was skipped the agents are not known, and a run that ended has no more to come.
        let open_end = self.is_open() && !self.phases.iter().any(|phase| phase.skipped);
        (done, if open_end { known.max(self.expected()) } else { known })
    }

    /// The state of a part.
    pub(in super::super) fn part_status(part: &Part, phase: &RunPhase) -> Status {
        match (part.started, part.ended) {
            (_, Some(_)) => Status::Succeeded,
            (Some(_), None) => Status::Running,
            (None, None) if phase.skipped => Status::Cancelled,
            (None, None) => Status::Queued,
        }
    }

    /// A phase of this name can be its next: each comes once, and those that are known belong to levels.
    fn may_have(&self, phase: &str) -> bool {
        if self.phases.iter().any(|had| had.name.as_str() == phase) {
            return false;
        }
        let levels = PHASES.iter().find(|(name, ..)| *name == phase);
        match (levels, self.level) {
            (Some((_, low, high)), Some(level)) => (*low..=*high).contains(&level),
            _ => true,
        }
    }

    /// When its agent of this name began, which still works.
    fn began(&self, agent: &str) -> Option<Timestamp> {
        let mut working = self.parts().filter(|part| part.agent.as_str() == agent && part.ended.is_none());
        working.find_map(|part| part.started)
    }

    fn is_busy(&self) -> bool {
        self.parts().any(|part| part.started.is_some() && part.ended.is_none())
    }

    /// Everything of its newest phase is over.
    fn is_between(&self) -> bool {
        self.phases.last().is_none_or(|phase| {
            phase.skipped || phase.has_agents && phase.parts.iter().all(|part| part.ended.is_some())
        })
    }

    fn waits_for(&self, agent: &str) -> bool {
        let parts = self.phases.last().map_or(&[][..], |phase| &phase.parts[..]);
        parts.iter().any(|part| part.agent.as_str() == agent && part.started.is_none())
    }

    fn runs(&self, agent: &str) -> bool {
        self.parts()
            .any(|part| part.agent.as_str() == agent && part.started.is_some() && part.ended.is_none())
    }

    fn start(&mut self, agent: &str, at: Option<Timestamp>) {
        let Some(phase) = self.phases.last_mut() else { return };
        let at = at.or(phase.started);
        match phase.parts.iter_mut().find(|part| part.agent.as_str() == agent && part.started.is_none()) {
            Some(part) => part.started = at,
            // Its phase was not announced with it.
            None => phase.parts.push(Part { agent: Safe::line(agent), started: at, ended: None }),
        }
    }

    fn end(&mut self, agent: &str, at: Option<Timestamp>) {
        let parts = self.phases.iter_mut().flat_map(|phase| &mut phase.parts);
        let mut running = parts
            .filter(|part| part.agent.as_str() == agent && part.started.is_some() && part.ended.is_none());
        if let Some(part) = running.next() {
            part.ended = at.or(part.started);
        }
    }
}
