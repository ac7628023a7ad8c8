//! Server-sent events, read line by line.

use axum::body::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::{ClientError, broken};

/// Longest line that is read, in bytes. Source: an event holds a few ids; wild guess.
const MAX_LINE: usize = 64 * 1024;

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Its number; later ones are larger.
    pub id: Option<u64>,
    /// What happened, as the API's documentation describes it.
    pub data: serde_json::Value,
}

/// A stream of events.
#[derive(Debug)]
pub struct Events {
    body: Incoming,
    lines: Lines,
}

impl Events {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body, lines: Lines::default() }
    }

    /// The next event; `None` when the node ends.
    ///
    /// # Errors
    /// When the conversation breaks off or cannot be understood.
    pub async fn next(&mut self) -> Result<Option<Event>, ClientError> {
        loop {
            if let Some(event) = self.lines.event()? {
                return Ok(Some(event));
            }
            match self.body.frame().await {
                None => return Ok(None),
                Some(frame) => {
                    self.lines.add(&frame.map_err(broken)?.into_data().unwrap_or_else(|_| Bytes::new()));
                }
            }
        }
    }
}

/// The event that is being put together. Source of the format: the HTML standard, “Server-sent events”.
#[derive(Debug, Default)]
struct Lines {
    unread: Vec<u8>,
    id: Option<u64>,
    data: Option<String>,
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        self.unread.extend_from_slice(bytes);
    }

    fn event(&mut self) -> Result<Option<Event>, ClientError> {
        while let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
            let rest = self.unread.split_off(end + 1);
            let line = std::mem::replace(&mut self.unread, rest);
            let line = String::from_utf8_lossy(&line);
            if let Some(event) = self.line(line.trim_end_matches(['\r', '\n']))? {
                return Ok(Some(event));
            }
        }
        if self.unread.len() > MAX_LINE {
            return Err(broken("an event is too long"));
        }
        Ok(None)
    }

    fn line(&mut self, line: &str) -> Result<Option<Event>, ClientError> {
        if line.is_empty() {
            let Some(data) = self.data.take() else { return Ok(None) };
            let data = serde_json::from_str(&data).map_err(broken)?;
            return Ok(Some(Event { id: self.id, data }));
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "id" => self.id = value.parse().ok().or(self.id),
            "data" => match &mut self.data {
                Some(data) => *data = format!("{data}\n{value}"),
                None => self.data = Some(value.to_owned()),
            },
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_put_together_from_pieces() -> Result<(), ClientError> {
        let mut lines = Lines::default();
        lines.add(b": hello\n\nid: 7\nevent: x\nda");
        assert_eq!(lines.event()?, None);
        lines.add(b"ta: {\"kind\":\"x\"}\r\n\nid: 8\ndata: 1\n\n");
        let first = Event { id: Some(7), data: serde_json::json!({"kind": "x"}) };
        assert_eq!(lines.event()?, Some(first));
        assert_eq!(lines.event()?, Some(Event { id: Some(8), data: serde_json::json!(1) }));
        assert_eq!(lines.event()?, None);
        Ok(())
    }

    #[test]
    fn an_endless_line_is_given_up() {
        let mut lines = Lines::default();
        lines.add(&vec![b'x'; MAX_LINE + 1]);
        assert!(lines.event().is_err());
    }
}
