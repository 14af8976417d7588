//! Reads the conversations of an agent or a task for headless answers about files.

use super::{
    args::{DiffOf, FilesOf},
    conversation::find,
    report::{
        Inputs,
        files::{self, Read},
    },
};
use crate::{
    model::{Agent, ConversationDelta, Id, Task},
    query::files::{Subject, Touched, agents_of},
    sources::{self, ConversationSink},
    store::Store,
    text::Safe,
};

/// The answer about files, or why there is none.
pub(super) fn answer(inputs: &Inputs<'_>, asked: &FilesOf, json: bool) -> Result<String, String> {
    let subject = match (&asked.task, &asked.id) {
        (Some(task), _) => Subject::Task(find_task(inputs.store, task)?),
        (None, Some(id)) => Subject::Agent(find(inputs.store, id)?),
        (None, None) => return Err("name an agent, or a task with --task".to_owned()),
    };
    let read = read(inputs.store, subject, asked.reveal)?;
    Ok(if json { pretty(&files::json(inputs, &read)) } else { files::text(inputs, &read) })
}

/// The changes, or why there are none.
pub(super) fn diff(inputs: &Inputs<'_>, asked: &DiffOf, json: bool) -> Result<String, String> {
    let read = read(inputs.store, Subject::Agent(find(inputs.store, &asked.id)?), asked.reveal)?;
    let path = asked.path.as_deref();
    if path.is_some_and(|path| !files::changes(&read, Some(path)).any(|_| true)) {
        return Err(format!("no change of `{}` is recorded", path.unwrap_or_default()));
    }
    Ok(if json { pretty(&files::diff_json(inputs, &read, path)) } else { files::diff(inputs, &read, path) })
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// Reads everything that is told now.
fn read(store: &Store, subject: Subject, revealed: bool) -> Result<Read, String> {
    let agents = agents_of(store, subject);
    let folder = |id: &Id<Agent>| store.agents.get(*id)?.workspace.as_ref()?.path.clone();
    let mut touched = Touched::new(agents.iter().map(folder).collect());
    let mut unread = Vec::new();
    for (part, id) in agents.iter().enumerate() {
        if let Err(why) = read_one(store, *id, part as u32, &mut touched) {
            unread.push((*id, Safe::line(&why)));
        }
    }
    if unread.len() == agents.len() {
        return Err("no conversation of it can be read, so nothing is known of its files".to_owned());
    }
    Ok(Read { agents, unread, touched, revealed })
}

fn read_one(store: &Store, id: Id<Agent>, part: u32, touched: &mut Touched) -> Result<(), String> {
    let place = store.agents.get(id).and_then(|agent| agent.conversation.as_ref());
    let place = place.ok_or("no conversation is recorded")?;
    let reader = sources::kind(place.source).and_then(|kind| kind.conversation(place));
    let mut reader = reader.ok_or_else(|| format!("{} has no conversations to read", place.source))?;
    let mut send = |news: Vec<ConversationDelta>| {
        for delta in news {
            touched.apply(part, delta);
        }
        true
    };
    let mut sink = ConversationSink::new(&mut send);
    let read = reader.read(&mut sink);
    sink.flush();
    read.map_err(|error| error.to_string())
}

/// The task with this id, in any source that speaks of it.
fn find_task(store: &Store, id: &str) -> Result<Id<Task>, String> {
    let found = store.tasks.all_told().find(|(_, key, _)| &*key.local == id);
    found
        .map(|(told, ..)| store.tasks.root(told))
        .ok_or_else(|| format!("no task is called `{id}`: see `orchdash tasks`"))
}
