//! `message.usage`: the figures of one answer. A figure that is no whole number from 0 on counts 0.

use super::scan::{Broken, Cursor, number};
use crate::model::Tokens;

/// Figures of one line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Usage {
    pub tokens: Tokens,
    /// The line says at which speed it was answered.
    pub has_speed: bool,
    /// Answered at the dearer speed.
    pub fast: bool,
    /// Figures that were no figures.
    pub repaired: u64,
}

impl Usage {
    /// Takes the value; `None` when it is no object.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Option<Self>, Broken> {
        let mut usage = Self::default();
        let mut flat_write = 0;
        let mut split = false;
        let is_object = cursor.object(|cursor, key| {
            match key {
                b"input_tokens" => usage.tokens.input = usage.figure(cursor)?,
                b"output_tokens" => usage.tokens.output = usage.figure(cursor)?,
                b"cache_read_input_tokens" => usage.tokens.cache_read = usage.figure(cursor)?,
                b"cache_creation_input_tokens" => flat_write = usage.figure(cursor)?,
                b"cache_creation" => split = usage.cache_writes(cursor)?,
                b"speed" => {
                    let speed = cursor.string_or_skip()?;
                    usage.has_speed = !speed.is_empty();
                    usage.fast = speed == b"fast";
                }
                _ => {
                    cursor.value()?;
                }
            }
            Ok(())
        })?;
        // A split that says nothing while the flat figure does is an older writer's placeholder.
        if !split || usage.tokens.cache_write() == 0 {
            usage.tokens.cache_write_5m = flat_write;
        }
        Ok(is_object.then_some(usage))
    }

    fn cache_writes(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, Broken> {
        cursor.object(|cursor, key| {
            match key {
                b"ephemeral_5m_input_tokens" => self.tokens.cache_write_5m = self.figure(cursor)?,
                b"ephemeral_1h_input_tokens" => self.tokens.cache_write_1h = self.figure(cursor)?,
                _ => {
                    cursor.value()?;
                }
            }
            Ok(())
        })
    }

    fn figure(&mut self, cursor: &mut Cursor<'_>) -> Result<u64, Broken> {
        let figure = number(cursor.value()?);
        self.repaired += u64::from(figure.is_none());
        Ok(figure.unwrap_or(0))
    }
}
