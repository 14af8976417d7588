//! Sessions and sub-agents as agents.

use super::{
    Teller,
    family::{Family, Member},
};
use crate::{
    model::{Agent, AgentKind, Context, PlanItem, Status, Witness, Workspace, price::ModelName},
    sources::opencode::{
        book::Book,
        conversation,
        digest::Digest,
        state::{Ending, State},
    },
    text::Safe,
};

/// Characters of a prompt that stand for a missing title.
const MOST_NAME: usize = 80;
/// Characters of a prompt that are told as a fact.
const MOST_PROMPT: usize = 400;

impl Teller {
    /// A session as an agent.
    pub(super) fn agent(&self, book: &Book, family: &Family<'_>, member: &Member<'_>) -> Agent {
        let (digest, sums, state) = (&member.digest, &member.digest.sums, &member.state);
        let session = digest.shelf.get();
        let parent = member.parent.and_then(|parent| family.members.get(parent));
        let kind = if session.is_some_and(|session| session.parent.is_some()) {
            AgentKind::SubAgent
        } else {
            AgentKind::Session
        };
        let title = session.and_then(|session| session.title.clone());
        let served = family.first().and_then(|first| match member.parent {
            None => first.digest.prompts.last().map(|prompt| prompt.at.id),
            Some(_) => member.prompt,
        });
        let over = state.status.is_over();
        Agent {
            witness: Witness::Transcript,
            kind,
            name: title.clone().unwrap_or_else(|| name(digest)),
            title,
            role: sums.agent.as_ref().map(|agent| Safe::line(&agent.to_lowercase())),
            status: state.status,
            status_raw: word(digest),
            status_note: state.note.clone(),
            model: sums.model.clone(),
            workspace: workspace(book, digest),
            task: served.map(|prompt| self.key(prompt)),
            project: project(book, digest).map(|project| self.key(project)),
            session: Some(digest.id.clone()),
            parent: parent.map(|parent| self.key(parent.digest.id)),
            started_at: session.and_then(|session| session.created).or(sums.first),
            updated_at: member.newest,
            ended_at: member.newest.filter(|_| over),
            status_since: digest.last.and_then(|last| last.newest()),
            waiting_for: state.waiting_for.clone(),
            activity: activity(digest, &member.ending, state),
            context: context(digest),
            tools: Some(sums.tools()),
            files: Some(sums.files.clone()),
            lines: session.and_then(|session| session.lines),
            messages: Some(sums.messages),
            plan: plan(digest),
            facts: facts(digest, kind),
            conversation: (sums.messages > 0)
                .then(|| conversation::place(&self.folder, digest.shelf.session.places(), digest.id)),
            raw: self.record(digest),
            ..Agent::default()
        }
    }

    fn record(&self, digest: &Digest<'_>) -> Option<crate::model::RawRef> {
        if let Some((place, session)) = digest.shelf.session.best() {
            return Some(self.raw(place, "session", session.folder.as_ref(), digest.id));
        }
        let last = digest.last?;
        let (place, message) = last.entry.message.best()?;
        Some(self.raw(place, "message", Some(&message.session), last.id))
    }
}

/// Words for a session that nobody named: its first prompt, the two words the program gave it, its id.
fn name(digest: &Digest<'_>) -> Safe {
    let prompt = digest.sums.first_prompt.as_ref().map(Safe::first_line).filter(|line| !line.is_empty());
    prompt
        .map(|line| Safe::line(&line.chars().take(MOST_NAME).collect::<String>()))
        .or_else(|| digest.shelf.get()?.slug.clone())
        .unwrap_or_else(|| digest.id.clone())
}

/// The word its last answer ended with.
fn word(digest: &Digest<'_>) -> Option<Safe> {
    let message = digest.last?.message;
    message.failure.as_ref().map(|failure| failure.name.clone()).or_else(|| message.finish.clone())
}

/// The project it belongs to, where that is known.
fn project<'a>(book: &'a Book, digest: &Digest<'_>) -> Option<&'a Safe> {
    let id = digest.shelf.get()?.project.as_ref()?;
    book.projects.get_key_value(id).map(|(id, _)| id)
}

fn workspace(book: &Book, digest: &Digest<'_>) -> Option<Workspace> {
    let own = digest.shelf.get().and_then(|session| session.directory.clone());
    let of_project = || {
        let (_, project) = book.projects.get(project(book, digest)?)?.best()?;
        project.worktree.clone()
    };
    own.or_else(|| digest.sums.cwd.clone()).or_else(of_project).map(Workspace::at)
}

fn activity(digest: &Digest<'_>, ending: &Ending, state: &State) -> Option<Safe> {
    if !state.status.is_active() {
        return None;
    }
    let call = digest.last.and_then(|last| last.running());
    call.map(super::super::part::Call::words).or_else(|| match ending {
        Ending::Thinking => Some(Safe::line("thinking")),
        Ending::Answering => Some(Safe::line("answering")),
        _ => None,
    })
}

/// The window is known for one family of models only.
fn context(digest: &Digest<'_>) -> Option<Context> {
    let (used, most) = digest.sums.context;
    let model = digest.sums.model.as_ref().filter(|_| used > 0)?;
    if ModelName::parse(model).family == "other" {
        return Some(Context { used, window: 0 });
    }
    Some(Context::of_model(model, used, most))
}

pub(super) fn plan(digest: &Digest<'_>) -> Vec<PlanItem> {
    digest.shelf.todos().iter().map(|todo| todo.item.clone()).collect()
}

fn facts(digest: &Digest<'_>, kind: AgentKind) -> Vec<(&'static str, Safe)> {
    let session = digest.shelf.get();
    let count = |number: u64| (number > 0).then(|| Safe::line(&number.to_string()));
    let urgent = digest.shelf.todos().iter().filter(|todo| {
        todo.priority.as_deref() == Some("high")
            && !matches!(todo.item.status, Status::Succeeded | Status::Cancelled)
    });
    let prompt = digest.sums.first_prompt.as_ref().filter(|_| kind == AgentKind::SubAgent);
    let prompt = prompt.map(|prompt| Safe::line(&prompt.chars().take(MOST_PROMPT).collect::<String>()));
    let starter = session.and_then(|session| session.parent.clone());
    let store = digest.shelf.session.best().map(|(place, _)| place.clone());
    let words = [
        ("version", session.and_then(|session| session.version.clone())),
        ("slug", session.and_then(|session| session.slug.clone())),
        ("provider", digest.sums.provider.clone()),
        ("prompt", prompt),
        ("started by", starter),
        ("archived", session.and_then(|session| session.archived).map(|at| Safe::line(&at.to_string()))),
        ("files changed", session.and_then(|session| session.files).and_then(count)),
        ("reasoning tokens", count(digest.sums.reasoning)),
        ("compactions", count(digest.sums.compactions)),
        (
            "open todos",
            count(urgent.count() as u64).map(|count| Safe::line(&format!("{count} of high priority"))),
        ),
        ("error", error(digest)),
        ("store", store),
    ];
    words.into_iter().filter_map(|(label, value)| Some((label, value?))).collect()
}

/// What ended the last answer.
fn error(digest: &Digest<'_>) -> Option<Safe> {
    let failure = digest.last?.message.failure.as_ref().filter(|failure| !failure.is_abort())?;
    Some(Safe::line(&failure.words()))
}
