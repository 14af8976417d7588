//! One line of a transcript, taken apart: the fields that anything is made of, as raw slices of the line.
//!
//! Knows the names of fields, not what follows from them. Everything is optional; an empty slice means "not there".

use super::{
    input::Input,
    scan::{Broken, Cursor},
    tool_result::ToolResult,
    usage::Usage,
};

/// The fields of one line.
#[expect(clippy::struct_excessive_bools, reason = "they mirror the file's own flags")]
#[derive(Debug, Default)]
pub(super) struct Line<'a> {
    pub kind: &'a [u8],
    pub subtype: &'a [u8],
    pub timestamp: &'a [u8],
    pub uuid: &'a [u8],
    pub session: &'a [u8],
    pub writer_session: &'a [u8],
    pub forked_from: Option<&'a [u8]>,
    pub cwd: &'a [u8],
    pub branch: &'a [u8],
    pub version: &'a [u8],
    pub entrypoint: &'a [u8],
    pub session_kind: &'a [u8],
    pub agent: &'a [u8],
    pub request: &'a [u8],
    pub permission_mode: &'a [u8],
    pub prompt_source: &'a [u8],
    pub turn_origin: &'a [u8],
    pub origin_kind: &'a [u8],
    pub denial: &'a [u8],
    pub error: &'a [u8],
    pub cost: &'a [u8],
    pub side: bool,
    pub meta: bool,
    pub compact_summary: bool,
    pub api_error: bool,
    pub message: Message<'a>,
    pub result: ToolResult<'a>,
    pub state: StateFields<'a>,
}

/// `message`.
#[derive(Debug, Default)]
pub(super) struct Message<'a> {
    pub id: &'a [u8],
    pub model: &'a [u8],
    pub stop_reason: &'a [u8],
    pub usage: Option<Usage>,
    /// `content` as one string.
    pub text: Option<&'a [u8]>,
    /// `content` as blocks.
    pub blocks: Vec<Block<'a>>,
}

/// One block of `message.content`.
#[derive(Debug, Default)]
pub(super) struct Block<'a> {
    pub kind: &'a [u8],
    pub id: &'a [u8],
    pub name: &'a [u8],
    pub input: Input<'a>,
    pub text: &'a [u8],
    pub tool_use: &'a [u8],
    pub is_error: bool,
}

/// Fields of the small state lines.
#[derive(Debug, Default)]
pub(super) struct StateFields<'a> {
    pub content: &'a [u8],
    pub agent_name: &'a [u8],
    pub custom_title: &'a [u8],
    pub ai_title: &'a [u8],
    pub summary: &'a [u8],
    pub leaf: &'a [u8],
    pub operation: &'a [u8],
    pub total_cost: &'a [u8],
    pub continued_in: &'a [u8],
    pub pr_url: &'a [u8],
    pub pending_agents: &'a [u8],
    pub pending_workflows: &'a [u8],
    pub retry_attempt: &'a [u8],
    pub post_tokens: &'a [u8],
    pub attachment_prompt: &'a [u8],
    pub progress: &'a [u8],
    pub progress_agent: &'a [u8],
    pub parent_tool_use: &'a [u8],
    pub relocated: &'a [u8],
    pub worktree: &'a [u8],
}

impl<'a> Line<'a> {
    /// Takes a line apart.
    ///
    /// # Errors
    /// When it is not one whole JSON object.
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Broken> {
        let mut line = Self::default();
        let mut cursor = Cursor::new(bytes);
        let is_object = cursor.object(|cursor, key| line.member(cursor, key))?;
        if is_object && cursor.is_done() { Ok(line) } else { Err(Broken) }
    }

    /// The line was written by another session first.
    pub(super) fn is_copied(&self) -> bool {
        self.forked_from.is_some() || (!self.writer_session.is_empty() && self.writer_session != self.session)
    }

    fn member(&mut self, cursor: &mut Cursor<'a>, key: &'a [u8]) -> Result<(), Broken> {
        match key {
            // The most frequent keys that nothing is made of.
            b"parentUuid" | b"userType" | b"sourceToolAssistantUUID" | b"promptId" => {
                cursor.value()?;
            }
            b"message" => return self.message.parse(cursor),
            b"toolUseResult" => return self.result.parse(cursor),
            b"isSidechain" => self.side = cursor.is_true()?,
            b"isMeta" => self.meta = cursor.is_true()?,
            b"isCompactSummary" => self.compact_summary = cursor.is_true()?,
            b"isApiErrorMessage" => self.api_error = cursor.is_true()?,
            b"costUSD" => self.cost = cursor.value()?,
            b"forkedFrom" => self.fork(cursor)?,
            b"origin" => {
                let kind = &mut self.origin_kind;
                cursor.object(|cursor, key| take(cursor, key, b"kind", kind))?;
            }
            _ => match self.text_field(key) {
                Some(field) => *field = cursor.string_or_skip()?,
                None => return self.state.member(cursor, key),
            },
        }
        Ok(())
    }

    fn text_field(&mut self, key: &[u8]) -> Option<&mut &'a [u8]> {
        Some(match key {
            b"type" => &mut self.kind,
            b"subtype" => &mut self.subtype,
            b"timestamp" => &mut self.timestamp,
            b"uuid" => &mut self.uuid,
            b"sessionId" => &mut self.session,
            b"session_id" => &mut self.writer_session,
            b"cwd" => &mut self.cwd,
            b"gitBranch" => &mut self.branch,
            b"version" => &mut self.version,
            b"entrypoint" => &mut self.entrypoint,
            b"sessionKind" => &mut self.session_kind,
            b"agentId" => &mut self.agent,
            b"requestId" => &mut self.request,
            b"permissionMode" => &mut self.permission_mode,
            b"promptSource" => &mut self.prompt_source,
            b"turnOrigin" => &mut self.turn_origin,
            b"toolDenialKind" => &mut self.denial,
            b"error" => &mut self.error,
            _ => return None,
        })
    }

    fn fork(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Broken> {
        let mut session: &[u8] = b"";
        if cursor.object(|cursor, key| take(cursor, key, b"sessionId", &mut session))? {
            self.forked_from = Some(session);
        }
        Ok(())
    }
}

/// Takes the value of `key`: into `field` when it is the wanted one.
pub(super) fn take<'a>(
    cursor: &mut Cursor<'a>,
    key: &[u8],
    wanted: &[u8],
    field: &mut &'a [u8],
) -> Result<(), Broken> {
    let value = cursor.string_or_skip()?;
    if key == wanted {
        *field = value;
    }
    Ok(())
}

impl<'a> Message<'a> {
    fn parse(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Broken> {
        cursor.object(|cursor, key| {
            match key {
                b"id" => self.id = cursor.string_or_skip()?,
                b"model" => self.model = cursor.string_or_skip()?,
                b"stop_reason" => self.stop_reason = cursor.string_or_skip()?,
                b"usage" => self.usage = Usage::parse(cursor)?,
                b"content" => self.content(cursor)?,
                _ => {
                    cursor.value()?;
                }
            }
            Ok(())
        })?;
        Ok(())
    }

    fn content(&mut self, cursor: &mut Cursor<'a>) -> Result<(), Broken> {
        if cursor.peek() == Some(b'"') {
            self.text = Some(cursor.string()?);
            return Ok(());
        }
        cursor.array(|cursor| {
            let mut block = Block::default();
            cursor.object(|cursor, key| block.member(cursor, key))?;
            self.blocks.push(block);
            Ok(())
        })?;
        Ok(())
    }
}

impl<'a> Block<'a> {
    fn member(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<(), Broken> {
        match key {
            b"type" => self.kind = cursor.string_or_skip()?,
            b"id" => self.id = cursor.string_or_skip()?,
            b"name" => self.name = cursor.string_or_skip()?,
            b"input" => self.input.parse(cursor)?,
            b"text" | b"content" => self.text = cursor.string_or_skip()?,
            b"tool_use_id" => self.tool_use = cursor.string_or_skip()?,
            b"is_error" => self.is_error = cursor.is_true()?,
            _ => {
                cursor.value()?;
            }
        }
        Ok(())
    }
}

impl<'a> StateFields<'a> {
    fn member(&mut self, cursor: &mut Cursor<'a>, key: &[u8]) -> Result<(), Broken> {
        let field = match key {
            b"content" => &mut self.content,
            b"agentName" => &mut self.agent_name,
            b"customTitle" => &mut self.custom_title,
            b"aiTitle" => &mut self.ai_title,
            b"summary" => &mut self.summary,
            b"leafUuid" => &mut self.leaf,
            b"operation" => &mut self.operation,
            b"continuedInSessionId" => &mut self.continued_in,
            b"prUrl" => &mut self.pr_url,
            b"parentToolUseID" => &mut self.parent_tool_use,
            b"relocatedCwd" => &mut self.relocated,
            b"totalCostUSD" => return raw(cursor, &mut self.total_cost),
            b"pendingBackgroundAgentCount" => return raw(cursor, &mut self.pending_agents),
            b"pendingWorkflowCount" => return raw(cursor, &mut self.pending_workflows),
            b"retryAttempt" => return raw(cursor, &mut self.retry_attempt),
            b"compactMetadata" => {
                let tokens = &mut self.post_tokens;
                return nested(cursor, |cursor, key| match key {
                    b"postTokens" => raw(cursor, tokens),
                    _ => cursor.value().map(|_| ()),
                });
            }
            b"attachment" => {
                let prompt = &mut self.attachment_prompt;
                return nested(cursor, |cursor, key| take(cursor, key, b"prompt", prompt));
            }
            b"data" => {
                let (kind, agent) = (&mut self.progress, &mut self.progress_agent);
                return nested(cursor, |cursor, key| match key {
                    b"type" => take(cursor, key, b"type", kind),
                    _ => take(cursor, key, b"agentId", agent),
                });
            }
            b"worktreeSession" => {
                let branch = &mut self.worktree;
                return nested(cursor, |cursor, key| take(cursor, key, b"worktreeBranch", branch));
            }
            _ => return cursor.value().map(|_| ()),
        };
        *field = cursor.string_or_skip()?;
        Ok(())
    }
}

fn raw<'a>(cursor: &mut Cursor<'a>, field: &mut &'a [u8]) -> Result<(), Broken> {
    *field = cursor.value()?;
    Ok(())
}

fn nested<'a>(
    cursor: &mut Cursor<'a>,
    member: impl FnMut(&mut Cursor<'a>, &'a [u8]) -> Result<(), Broken>,
) -> Result<(), Broken> {
    cursor.object(member).map(|_| ())
}

#[cfg(test)]
mod tests;
