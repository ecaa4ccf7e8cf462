//! What a script says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tradewire_core::{Error, ErrorKind};

use super::pattern::{self, Captured};

/// What went over the wire between a client and an exchange. See [`scripted`](crate::scripted) for its form.
#[derive(Clone, Debug, Default)]
pub struct Script {
    pub(super) exchanges: Vec<Exchange>,
    pub(super) conversations: Vec<Conversation>,
}

/// Something that was not as in the script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptFailure {
    /// The line of the script that comes nearest, from one; 0 where none does.
    pub line: usize,
    /// What was expected and what came.
    pub text: String,
}

impl fmt::Display for ScriptFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.text),
            line => write!(f, "line {line}: {}", self.text),
        }
    }
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) line: usize,
    pub(super) request: Request,
    pub(super) answer: Answer,
    pub(super) repeat: bool,
}

/// What goes over one connection of a socket.
#[derive(Clone, Debug)]
pub(super) struct Conversation {
    pub(super) line: usize,
    pub(super) path: String,
    pub(super) steps: Vec<(usize, Step)>,
}

/// One frame, or the end.
#[derive(Clone, Debug)]
pub(super) enum Step {
    /// The client sends a frame like this.
    Gets(Value),
    /// The exchange sends this.
    Sends(Value),
    /// The exchange closes the connection.
    Closes,
}

/// A request as the script expects it, or as it came.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) path: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) query: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, Value>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub(super) body: Value,
}

/// An answer.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    #[serde(default = "ok")]
    pub(super) status: u16,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) headers: BTreeMap<String, String>,
    #[serde(default)]
    pub(super) body: Value,
}

const fn ok() -> u16 {
    200
}

/// A line of a script.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) request: Option<Request>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) answer: Option<Answer>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) repeat: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) socket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) opens: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gets: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sends: Option<Value>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) closes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// `Config` with the number of a line that is none.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut script = Self::default();
        // The newest connection of each socket, by name.
        let mut open: BTreeMap<String, usize> = BTreeMap::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            let wrong =
                |why: &dyn fmt::Display| Error::new(ErrorKind::Config, format!("line {number} of the script: {why}"));
            let line: Line = serde_json::from_str(line).map_err(|error| wrong(&error))?;
            script.add(number, line, &mut open).map_err(|why| wrong(&why))?;
        }
        Ok(script)
    }

    fn add(&mut self, line: usize, of: Line, open: &mut BTreeMap<String, usize>) -> Result<(), &'static str> {
        let Line { request, answer, repeat, socket, opens, gets, sends, closes, note } = of;
        if let Some(request) = request {
            let answer = answer.ok_or("a request without an answer")?;
            self.exchanges.push(Exchange { line, request, answer, repeat });
            return Ok(());
        }
        let Some(socket) = socket else { return note.map(drop).ok_or("neither a request, nor a socket, nor a note") };
        if let Some(path) = opens {
            open.insert(socket, self.conversations.len());
            self.conversations.push(Conversation { line, path, steps: Vec::new() });
            return Ok(());
        }
        let step = match (gets, sends, closes) {
            (Some(frame), None, false) => Step::Gets(frame),
            (None, Some(frame), false) => Step::Sends(frame),
            (None, None, true) => Step::Closes,
            _ => return Err("a line of a socket has one of opens, gets, sends, closes"),
        };
        let conversation = open.get(&socket).and_then(|at| self.conversations.get_mut(*at));
        conversation.ok_or("a socket that was not opened")?.steps.push((line, step));
        Ok(())
    }
}

impl Request {
    /// Compares a request that came. Of its headers those are looked at that are named here.
    ///
    /// # Errors
    /// Where they differ, and how.
    pub(super) fn compare(&self, came: &Self, captured: &mut Captured) -> Result<(), String> {
        let object = |fields: &BTreeMap<String, Value>| Value::Object(fields.clone().into_iter().collect());
        let headers = came.headers.iter().filter(|(name, _)| self.headers.contains_key(*name));
        let headers = headers.map(|(name, value)| (name.clone(), value.clone())).collect();
        pattern::compare("query", &object(&self.query), &object(&came.query), captured)?;
        pattern::compare("headers", &object(&self.headers), &object(&headers), captured)?;
        pattern::compare("body", &self.body, &came.body, captured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_is_none_is_named() {
        for (text, told) in [
            ("\n{\"socket\":\"a\",\"gets\":1}", "line 2 of the script: a socket that was not opened"),
            (r#"{"request":{"method":"GET","path":"/"}}"#, "line 1 of the script: a request without an answer"),
            ("{}", "line 1 of the script: neither a request, nor a socket, nor a note"),
            (r#"{"moon":1}"#, "line 1 of the script: unknown field `moon`"),
        ] {
            let error = Script::parse(text).expect_err(text).to_string();
            assert!(error.contains(told), "{error}");
        }
        let script =
            Script::parse("{\"note\":\"x\"}\n{\"socket\":\"a\",\"opens\":\"/a\"}\n{\"socket\":\"a\",\"closes\":true}");
        assert_eq!(script.expect("a script").conversations[0].steps.len(), 1);
    }
}
