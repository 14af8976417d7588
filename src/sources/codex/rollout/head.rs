//! Who a thread is: its `session_meta` and the settings of its newest turn.

use super::{At, Broken, Rollout};
use crate::{
    model::Timestamp,
    sources::codex::line::{Git, Kind, Meta, Part, Scalar, Source, Spawn, Subagent, Turn, open},
    text::Safe,
};

/// Who it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Head {
    /// The thread.
    pub id: Option<Safe>,
    pub at: Option<Timestamp>,
    pub cwd: Option<Safe>,
    pub branch: Option<Safe>,
    pub commit: Option<Safe>,
    pub originator: Option<Safe>,
    pub version: Option<Safe>,
    pub provider: Option<Safe>,
    /// Where it was started: `cli`, `vscode`, `exec`, …
    pub source: Option<Safe>,
    pub forked_from: Option<Safe>,
    pub parent: Option<Safe>,
    pub agent_path: Option<Safe>,
    pub nickname: Option<Safe>,
    pub role: Option<Safe>,
    pub depth: Option<u64>,
    pub is_child: bool,
    /// The conversation is in `item_completed`; `None` = not said.
    pub is_paginated: Option<bool>,
    pub effort: Option<Safe>,
    pub approval: Option<Safe>,
    pub sandbox: Option<Safe>,
}

fn safe(scalar: &Scalar<'_>) -> Option<Safe> {
    scalar.text().map(Safe::line)
}

impl Head {
    fn read(meta: &Meta<'_>, at: Option<Timestamp>) -> Self {
        let git: Git<'_> = open(meta.git).unwrap_or_default();
        let mut head = Self {
            id: safe(&meta.id),
            at: meta.timestamp.text().and_then(Timestamp::parse).or(at),
            cwd: safe(&meta.cwd),
            branch: safe(&git.branch),
            commit: safe(&git.commit_hash),
            originator: safe(&meta.originator),
            version: safe(&meta.cli_version),
            provider: safe(&meta.model_provider),
            forked_from: safe(&meta.forked_from_id),
            parent: safe(&meta.parent_thread_id),
            agent_path: safe(&meta.agent_path),
            nickname: safe(&meta.agent_nickname),
            role: safe(&meta.agent_role),
            is_child: meta.thread_source.word() == "subagent",
            is_paginated: meta.history_mode.text().map(|mode| mode == "paginated"),
            ..Self::default()
        };
        head.hear_source(meta.source);
        // A person's own thread can name another it came from.
        head.is_child |= head.parent.is_some() && meta.thread_source.text().is_none();
        let root = safe(&meta.session_id).filter(|root| Some(root) != head.id.as_ref());
        if head.is_child && head.parent.is_none() {
            head.parent = root;
        }
        head
    }

    fn hear_source(&mut self, source: Part<'_>) {
        if let Some(Scalar::Text(word)) = open::<Scalar<'_>>(source) {
            self.source = Some(Safe::line(&word));
            return;
        }
        let Some(part) = open::<Source<'_>>(source).and_then(|source| source.subagent) else { return };
        self.is_child = true;
        if let Some(Scalar::Text(word)) = open::<Scalar<'_>>(Some(part)) {
            self.role = self.role.take().or_else(|| Some(Safe::line(&word)));
            return;
        }
        let part: Subagent<'_> = open(Some(part)).unwrap_or_default();
        let spawn: Spawn<'_> = open(part.thread_spawn).unwrap_or_default();
        self.parent = self.parent.take().or_else(|| safe(&spawn.parent_thread_id));
        self.agent_path = self.agent_path.take().or_else(|| safe(&spawn.agent_path));
        self.nickname = self.nickname.take().or_else(|| safe(&spawn.agent_nickname));
        self.role = self.role.take().or_else(|| safe(&spawn.agent_role));
        self.depth = spawn.depth.whole();
    }

    /// Settings of a turn.
    pub(super) fn settings(&mut self, turn: &Turn<'_>) {
        let sandbox: Kind<'_> = open(turn.sandbox_policy).unwrap_or_default();
        let texts = [
            (&mut self.effort, &turn.effort),
            (&mut self.approval, &turn.approval_policy),
            (&mut self.sandbox, &sandbox.kind),
        ];
        for (field, scalar) in texts {
            if let Some(text) = scalar.text().filter(|text| field.as_deref() != Some(*text)) {
                *field = Some(Safe::line(text));
            }
        }
        if self.cwd.is_none() {
            self.cwd = safe(&turn.cwd);
        }
    }

    /// The last part of its path: what the caller named its task.
    pub(in super::super) fn task_name(&self) -> Option<Safe> {
        let name = self.agent_path.as_ref()?.rsplit('/').next().filter(|name| !name.is_empty())?;
        Some(Safe::line(name))
    }
}

impl Rollout {
    /// A head: the first is the file's own, one of another thread says that its lines were copied.
    pub(super) fn meta(&mut self, payload: &serde_json::value::RawValue, at: At) -> Result<(), Broken> {
        let meta: Meta<'_> = open(Some(payload)).ok_or(Broken)?;
        if self.head.id.is_some() {
            let is_foreign = meta.id.text() != self.head.id.as_deref();
            self.copying.has_foreign_head |= is_foreign;
            self.copied.0 += u64::from(is_foreign);
            return Ok(());
        }
        self.head = Head::read(&meta, at.at);
        let begin = self.head.at.max(at.at);
        let is_child = self.head.is_child || self.head.forked_from.is_some();
        self.copying.begin(meta.subagent_history_start_ordinal.whole(), is_child, begin);
        self.lives(at);
        Ok(())
    }

    /// The head of a file without envelopes.
    pub(super) fn bare_head(&mut self, meta: &Meta<'_>) {
        self.head = Head::read(meta, None);
        self.first_at = self.head.at;
    }
}
