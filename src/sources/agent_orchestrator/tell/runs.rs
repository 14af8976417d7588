//! Runs of the script, the question of the timeline, and agents that only their workspace file knows.

use super::{
    super::{
        files::{
            run_log::{Run, RunPhase, SILENT},
            workspace::Workspace,
        },
        told::Told,
        words,
    },
    Scene, fact, role,
};
use crate::{
    model::{
        Agent, AgentKind, Execution, ExecutionKind, RawRef, Status, Steps, Task, Timestamp,
        Workspace as Place,
    },
    text::Safe,
};

/// Tells runs, the open question and agents of files alone.
pub(in super::super) fn tell(files: &Workspace, scene: Scene<'_>, told: &mut Told) {
    for run in &files.runs.all {
        self::run(run, &files.run_log(), scene, told);
    }
    question(files, scene, told);
    for (plain, said) in scene.evidence.files() {
        if said.file.says_state() && !scene.evidence.known_agents.contains(plain) {
            let name = said.file.name.clone().unwrap_or_else(|| said.spelled.clone());
            told.agent(scene.own.key(&format!("workspace/{plain}")), of_file(said, name));
        }
    }
}

fn run(run: &Run, path: &Safe, scene: Scene<'_>, told: &mut Told) {
    let local = format!("run/{}", run.name);
    let key = scene.own.key(&local);
    let (status, note, wake) = judge(run, scene.now);
    told.wake_at(wake);
    for (index, phase) in run.phases.iter().enumerate() {
        let parent = scene.own.key(&format!("{local}/phase {}", index + 1));
        told.execution(parent.clone(), phase_run(phase, &key, index, run));
        for part in &phase.parts {
            let same = phase.parts.iter().take_while(|other| !std::ptr::eq(*other, part));
            let again = same.filter(|other| other.agent == part.agent).count();
            let again = if again == 0 { String::new() } else { format!("#{}", again + 1) };
            let name = format!("{local}/phase {}/{}{again}", index + 1, part.agent);
            told.execution(
                scene.own.key(&name),
                Execution {
                    kind: ExecutionKind::Agent,
                    name: part.agent.clone(),
                    task: Some(key.clone()),
                    parent: Some(parent.clone()),
                    status: Run::part_status(part, phase),
                    started_at: part.started,
                    ended_at: part.ended,
                    ..Execution::default()
                },
            );
        }
    }
    let (done, total) = run.progress();
    let working = run.parts().filter(|part| part.started.is_some() && part.ended.is_none());
    let working: Vec<&str> = working.map(|part| part.agent.as_str()).collect();
    let mut facts: Vec<(&'static str, Safe)> = Vec::new();
    facts.extend(run.level.map(|level| ("level", words::leveled(&level.to_string()))));
    facts.extend(run.remarks.iter().map(|text| ("said", text.clone())));
    if run.interleaved {
        facts.push((
            "lines",
            Safe::line("another run went on at the same time: the log does not say which line is whose"),
        ));
    }
    let project = run.project.as_ref();
    let task = Task {
        title: Safe::line(&words::titled(project.map_or("orchestration", Safe::as_str), run.level)),
        kind: Some(Safe::line("orchestrator run")),
        status,
        status_note: note.map(Safe::line),
        workspace: project.cloned().map(Place::named),
        workflow: run.parts().map(|part| part.agent.clone()).collect(),
        steps: (total > 0).then_some(Steps { done: done as u32, total: total as u32 }),
        activity: (status == Status::Running && !working.is_empty())
            .then(|| Safe::line(&format!("{} works", working.join(", ")))),
        created_at: run.started,
        started_at: run.started,
        start_is_recorded: true,
        updated_at: run.last,
        ended_at: run.summary.or(run.last.filter(|_| run.rejected)),
        project: project.map(|name| scene.named_project(name)),
        facts,
        raw: Some(RawRef::File { path: path.clone() }),
        ..Task::default()
    };
    told.task(key, task);
}

/// State, evidence, and when time alone changes it.
pub(super) fn judge(run: &Run, now: Timestamp) -> (Status, Option<&'static str>, Option<Timestamp>) {
    if run.rejected {
        return (Status::Cancelled, Some("its plan was rejected"), None);
    }
    if run.summary.is_some() {
        return (Status::Succeeded, None, None);
    }
    if run.superseded {
        return (
            Status::Unknown,
            Some("inferred: it died, for another run of its project began before it ended"),
            None,
        );
    }
    match run.last {
        Some(last) if now.since(last) < SILENT => {
            let note = "inferred: no summary yet, and its last line is less than an hour old";
            (Status::Running, Some(note), Some(last.plus(SILENT)))
        }
        _ => (
            Status::Unknown,
            Some("died or runs on: no summary, and its last line is more than an hour old"),
            None,
        ),
    }
}

fn phase_run(phase: &RunPhase, task: &crate::model::Key, index: usize, run: &Run) -> Execution {
    let all_done = !phase.parts.is_empty() && phase.parts.iter().all(|part| part.ended.is_some());
    let is_last = index + 1 == run.phases.len();
    let status = if phase.skipped {
        Status::Cancelled
    } else if all_done || !is_last {
        Status::Succeeded
    } else {
        Status::Running
    };
    Execution {
        kind: ExecutionKind::Step,
        name: phase.name.clone(),
        task: Some(task.clone()),
        status,
        started_at: phase.started,
        ended_at: phase
            .parts
            .iter()
            .filter_map(|part| part.ended)
            .max()
            .filter(|_| status == Status::Succeeded),
        summary: phase.skipped.then(|| Safe::line("skipped by a person")),
        ..Execution::default()
    }
}

/// A question without an answer: the agent that asked waits for a person.
fn question(files: &Workspace, scene: Scene<'_>, told: &mut Told) {
    let Some(question) = &files.timeline.question else { return };
    let story = files.timeline.stories.last();
    let project = story.map(|story| &story.project).filter(|project| !project.is_empty());
    let name = Safe::line("orchestration-agent");
    let mut facts = Vec::new();
    facts.extend(fact("recommendation", question.recommendation.as_ref()));
    facts.extend(
        question
            .timeout
            .as_ref()
            .map(|minutes| ("goes on by itself after", Safe::line(&format!("{minutes} min")))),
    );
    let mut note = "inferred: the timeline has a question without an answer".to_owned();
    if story.and_then(|story| story.last) > question.at {
        note.push_str("; it went on since then");
    }
    let agent = Agent {
        kind: AgentKind::Session,
        role: Some(name.clone()),
        name,
        status: Status::Waiting,
        status_note: Some(Safe::line(&note)),
        workspace: project.cloned().map(Place::named),
        project: project.map(|project| scene.named_project(project)),
        started_at: story.and_then(|story| story.started),
        updated_at: question.at,
        status_since: question.at,
        waiting_for: Some(question.prompt.clone()),
        facts,
        raw: Some(RawRef::File { path: files.timeline_file() }),
        ..Agent::default()
    };
    told.agent(scene.own.key("timeline/orchestration-agent"), agent);
}

/// An agent of which no database knows.
fn of_file(said: &super::evidence::Said, name: Safe) -> Agent {
    let file = &said.file;
    let status = file.word().map_or(Status::Unknown, |word| words::status(word));
    let output = file.output.as_ref();
    Agent {
        kind: AgentKind::Worker,
        role: Some(role(&name)),
        name,
        title: output.and_then(|output| output.summary.clone()),
        status,
        status_raw: file.word().cloned(),
        status_note: Some(Safe::line("as its workspace file says: nobody else knows of it")),
        started_at: file.block.as_ref().and_then(|(_, at)| *at),
        updated_at: output.and_then(|output| output.at).or(file.block.as_ref().and_then(|(_, at)| *at)),
        ended_at: output.and_then(|output| output.at).filter(|_| status.is_over()),
        activity: file.progress.clone().filter(|_| status.is_active()),
        plan: file.items.clone(),
        facts: said.facts(),
        raw: Some(RawRef::File { path: said.path.clone() }),
        ..Agent::default()
    }
}
