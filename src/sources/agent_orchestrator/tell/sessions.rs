//! One parallel session: a task, an execution for each planned agent, an agent for each one that was started.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    super::{
        depend::{self, Depends},
        files::session::{Outcome, PhasePlan, Planned, Session, Standing},
        told::Told,
        when::STALE,
        words,
    },
    Scene, fact, role,
};
use crate::{
    model::{
        Agent, AgentKind, Execution, ExecutionKind, RawRef, Status, Steps, Task, Timestamp,
        Workspace as Place, Zone,
    },
    text::Safe,
};

/// Tells a session. Its name holds a local time of `zone`.
pub(in super::super) fn tell(session: &Session, path: &Path, scene: Scene<'_>, zone: Zone, told: &mut Told) {
    let view = View { session, path, scene };
    let depends = view.depends();
    for (plan, planned) in session.planned() {
        told.execution(scene.own.key(&view.run_name(plan, planned)), view.run(plan, planned, &depends));
    }
    let agents = session.started_agents();
    let planned: BTreeSet<&Safe> = session.planned().map(|(_, agent)| &agent.name).collect();
    for name in agents.iter().filter(|name| !planned.contains(name)) {
        told.execution(scene.own.key(&format!("{}/unplanned/{name}", session.name)), view.unplanned(name));
    }
    for name in &agents {
        let (agent, wake) = view.agent(name);
        told.wake_at(wake);
        told.agent(scene.own.key(&view.agent_name(name)), agent);
    }
    let (task, wake) = view.task(&agents, zone);
    told.wake_at(wake);
    told.task(scene.own.key(&session.name), task);
}

#[derive(Clone, Copy)]
struct View<'a> {
    session: &'a Session,
    path: &'a Path,
    scene: Scene<'a>,
}

impl View<'_> {
    fn agent_name(&self, name: &str) -> String {
        format!("{}/{name}", self.session.name)
    }

    /// The same agent may occur in several phases, and several times in one.
    fn run_name(&self, plan: &PhasePlan, planned: &Planned) -> String {
        let same = plan.agents.iter().take_while(|other| !std::ptr::eq(*other, planned));
        let again = same.filter(|other| other.name == planned.name).count();
        let again = if again == 0 { String::new() } else { format!("#{}", again + 1) };
        format!("{}/phase {}/{}{again}", self.session.name, plan.number, planned.name)
    }

    fn file(&self, place: &str) -> RawRef {
        RawRef::File { path: Safe::line(&self.path.join(place).to_string_lossy()) }
    }

    /// What planned agents wait for: named by task or by agent.
    fn depends(&self) -> BTreeMap<Safe, Depends> {
        let runs: Vec<(Safe, &PhasePlan, &Planned)> = self
            .session
            .planned()
            .map(|(plan, planned)| (Safe::line(&self.run_name(plan, planned)), plan, planned))
            .collect();
        let written = runs.iter().map(|(name, _, planned)| (name.clone(), planned.needs.clone())).collect();
        depend::resolve(&written, |_, wanted| {
            let of_task = runs.iter().filter(|(_, _, planned)| planned.task.as_ref() == Some(wanted));
            let found: Vec<Safe> = of_task.map(|(name, _, _)| name.clone()).collect();
            if !found.is_empty() {
                return found;
            }
            let of_agent = runs.iter().filter(|(_, _, planned)| planned.name == *wanted);
            of_agent.map(|(name, _, _)| name.clone()).collect()
        })
    }

    /// When an agent gave its last sign of life.
    fn last_sign(&self, name: &Safe) -> Option<Timestamp> {
        let noted = self.session.progress.get(name).and_then(|(_, at)| *at);
        noted.max(self.marked(name)).max(self.started(name))
    }

    /// Since when its mark is there; a file time that lies ahead says nothing.
    fn marked(&self, name: &Safe) -> Option<Timestamp> {
        self.session.active.get(name).copied().flatten().filter(|at| *at <= self.scene.now)
    }

    /// The state of an agent now: the mark of one that gave no sign of life for a day may be left over.
    fn standing(&self, name: &Safe, task: Option<&Safe>) -> Standing {
        let standing = self.session.standing(name, task);
        let is_silent = || self.last_sign(name).is_some_and(|last| self.scene.now.since(last) >= STALE);
        if standing.status == Status::Running && is_silent() {
            let note =
                "inferred: its mark `.active` is there, but it gave no sign of life for more than a day";
            return Standing { status: Status::Unknown, note: Some(note), ..standing };
        }
        standing
    }

    fn run(&self, plan: &PhasePlan, planned: &Planned, depends: &BTreeMap<Safe, Depends>) -> Execution {
        let standing = self.standing(&planned.name, planned.task.as_ref());
        let result = self.session.result(&planned.name, planned.task.as_ref());
        let depends = depends.get(&Safe::line(&self.run_name(plan, planned)));
        let is_started = standing.status != Status::Queued || standing.note.is_some();
        let mut facts = Vec::new();
        facts.extend(fact("task id", planned.task.as_ref()));
        facts.push(("phase", phase_name(plan)));
        facts.extend(standing.note.map(|note| ("state", Safe::line(note))));
        facts.extend(depends.map(Depends::facts).into_iter().flatten());
        Execution {
            kind: ExecutionKind::Agent,
            name: planned.name.clone(),
            task: Some(self.scene.own.key(&self.session.name)),
            agent: is_started.then(|| self.scene.own.key(&self.agent_name(&planned.name))),
            parent: None,
            depends_on: depends
                .iter()
                .flat_map(|depends| &depends.on)
                .map(|name| self.scene.own.key(name))
                .collect(),
            status: standing.status,
            status_raw: standing.raw,
            started_at: self.started(&planned.name).filter(|_| is_started),
            ended_at: result.and_then(|result| result.ended),
            summary: result.and_then(summary),
            facts,
            raw: Some(self.file(&format!("phase-{}-plan.json", plan.number))),
        }
    }

    fn unplanned(&self, name: &Safe) -> Execution {
        let standing = self.standing(name, None);
        let result = self.session.results.get(name);
        Execution {
            name: name.clone(),
            task: Some(self.scene.own.key(&self.session.name)),
            agent: Some(self.scene.own.key(&self.agent_name(name))),
            status: standing.status,
            status_raw: standing.raw,
            started_at: self.started(name),
            ended_at: result.and_then(|result| result.ended),
            summary: result.and_then(summary),
            facts: vec![("plan", Safe::line("it stands in no plan"))],
            ..Execution::default()
        }
    }

    /// When it was started: as the log says, else as its task was assigned, else as its mark was made. What a result calls
    /// its start is a guess and comes last.
    fn started(&self, name: &Safe) -> Option<Timestamp> {
        let prefix = format!("Spawned {name} ");
        let log = self
            .session
            .log
            .iter()
            .rev()
            .find(|(_, text)| text.starts_with(&prefix) || text.as_str() == prefix.trim_end());
        let assigned = || self.session.queued.get(name).and_then(|queued| queued.assigned);
        let guess = || self.session.results.get(name).and_then(|result| result.started);
        log.and_then(|(at, _)| *at).or_else(assigned).or_else(|| self.marked(name)).or_else(guess)
    }

    fn agent(&self, name: &Safe) -> (Agent, Option<Timestamp>) {
        let tasks = self.session.planned().filter(|(_, planned)| planned.name == *name);
        let queued = self.session.queued.get(name).and_then(|queued| queued.task.as_ref());
        let standing = self.standing(name, queued);
        let result = self.session.result(name, queued);
        let (percent, noted) = self.session.progress.get(name).copied().unwrap_or((None, None));
        let started = self.started(name);
        let is_running = standing.status == Status::Running;
        let wake = self.last_sign(name).filter(|_| is_running).map(|last| last.plus(STALE));
        let mut facts = Vec::new();
        facts.extend(tasks.map(|(plan, planned)| {
            let task = planned.task.as_ref().map(|task| format!(" ({task})")).unwrap_or_default();
            ("planned in", Safe::line(&format!("{}{task}", phase_name(plan))))
        }));
        facts.extend(percent.map(|percent| ("progress", Safe::line(&format!("{percent} %")))));
        if let Some(result) = result {
            facts.extend(result.output.result().map(|text| ("result", text)));
            facts.extend(fact("decision", result.decision.as_ref()));
            facts.extend(result.recommendations.iter().map(|text| ("recommendation", text.clone())));
            facts.extend(result.next.iter().map(|text| ("next agent", text.clone())));
        }
        let project = self.session.project();
        let agent = Agent {
            kind: AgentKind::Worker,
            name: name.clone(),
            role: Some(role(name)),
            status: standing.status,
            status_raw: standing.raw,
            status_note: standing.note.map(Safe::line),
            workspace: project.clone().map(Place::named),
            task: Some(self.scene.own.key(&self.session.name)),
            project: project.map(|name| self.scene.named_project(&name)),
            started_at: started,
            updated_at: noted.max(started).max(result.and_then(|result| result.ended)),
            ended_at: result.and_then(|result| result.ended),
            activity: percent
                .filter(|_| !standing.status.is_over())
                .map(|percent| Safe::line(&format!("{percent} %"))),
            facts,
            raw: Some(match result {
                Some(_) => self.file(&format!("results/{name}.json")),
                None => self.file("status/active_agents.txt"),
            }),
            ..Agent::default()
        };
        (agent, wake)
    }

    fn task(&self, agents: &[Safe], zone: Zone) -> (Task, Option<Timestamp>) {
        let session = self.session;
        let whole = session.whole(self.scene.now);
        let planned = session.planned().count();
        let has_result = |planned: &Planned| session.result(&planned.name, planned.task.as_ref()).is_some();
        let done = session.planned().filter(|(_, planned)| has_result(planned)).count();
        let config = session.config.as_ref();
        let project = session.project();
        let started = config.and_then(|config| config.started).or_else(|| named(&session.name, zone));
        let newest = session.last_sign(self.scene.now).max(started);
        let mut notes: Vec<String> = whole.note.into_iter().collect();
        if config.is_some_and(|config| config.is_broken) {
            notes.push(
                "config.json is no valid JSON (a quote in the project's name): read line by line".to_owned(),
            );
        }
        if config.is_none() {
            notes.push("config.json is not there or cannot be read".to_owned());
        }
        let task = Task {
            title: Safe::line(&words::titled(
                project.as_deref().unwrap_or("parallel session"),
                session.level(),
            )),
            kind: Some(Safe::line("parallel session")),
            status: whole.status,
            status_note: super::super::when::note(&notes),
            workspace: project.clone().map(Place::named),
            mode: Some(
                config.and_then(|config| config.mode.clone()).unwrap_or_else(|| Safe::line("parallel")),
            ),
            agents: agents.iter().map(|name| self.scene.own.key(&self.agent_name(name))).collect(),
            workflow: session.planned().map(|(_, planned)| planned.name.clone()).collect(),
            steps: (planned > 0).then_some(Steps { done: done as u32, total: planned as u32 }),
            activity: self.activity().filter(|_| whole.status == Status::Running),
            created_at: started,
            started_at: started,
            start_is_recorded: true,
            updated_at: newest,
            ended_at: newest.filter(|_| whole.status.is_over()),
            project: project.map(|name| self.scene.named_project(&name)),
            result: self.result(),
            facts: self.facts(),
            raw: Some(self.file("config.json")),
            ..Task::default()
        };
        (task, whole.wake)
    }

    fn activity(&self) -> Option<Safe> {
        let working = self.session.active.keys().map(|name| {
            let percent = self.session.progress.get(name).and_then(|(percent, _)| *percent);
            percent.map_or_else(|| name.to_string(), |percent| format!("{name} {percent} %"))
        });
        let working: Vec<String> = working.collect();
        (!working.is_empty()).then(|| Safe::line(&working.join(", ")))
    }

    fn result(&self) -> Option<Safe> {
        let lines: Vec<String> = self
            .session
            .results
            .values()
            .filter_map(|result| Some(format!("{}: {}", result.agent, summary(result)?)))
            .collect();
        (!lines.is_empty()).then(|| Safe::text(&lines.join("\n")))
    }

    fn facts(&self) -> Vec<(&'static str, Safe)> {
        let session = self.session;
        let config = session.config.as_ref();
        let mut facts = Vec::new();
        facts.extend(session.level().map(|level| ("level", words::leveled(&level.to_string()))));
        let terminals = config.and_then(|config| config.terminals);
        facts.extend(terminals.map(|count| ("terminals at most", Safe::line(&count.to_string()))));
        let interactive = config.and_then(|config| config.interactive);
        facts.extend(interactive.map(|is| ("interactive", Safe::line(if is { "yes" } else { "no" }))));
        let stored = config.and_then(|config| config.status.as_ref());
        facts.extend(stored.map(|word| ("status stored (never updated)", word.clone())));
        facts.extend(session.plans.iter().map(|plan| ("phase", phase_name(plan))));
        facts
    }
}

fn phase_name(plan: &PhasePlan) -> Safe {
    match &plan.name {
        Some(name) => Safe::line(&format!("{}: {name}", plan.number)),
        None => Safe::line(&plan.number.to_string()),
    }
}

/// One line about how it went.
fn summary(result: &Outcome) -> Option<Safe> {
    let output = &result.output;
    let said = output
        .summary
        .clone()
        .or_else(|| result.decision.clone())
        .or_else(|| output.insights.first().cloned());
    said.or_else(|| output.error.clone()).or_else(|| result.status.clone())
}

/// `session-orch-YYYYMMDD-HHMMSS`.
fn named(name: &str, zone: Zone) -> Option<Timestamp> {
    let mut parts = name.rsplit('-');
    let (clock, date) = (parts.next()?, parts.next()?);
    let naive = chrono::NaiveDateTime::parse_from_str(&format!("{date}{clock}"), "%Y%m%d%H%M%S").ok()?;
    Timestamp::parse_local(&naive.format("%Y-%m-%dT%H:%M:%S").to_string(), zone)
}
