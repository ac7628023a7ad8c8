//! Conversations: `say`, `messages`, `chat`, `reveal`.

use std::collections::HashSet;
use std::io::BufRead;

use bespeak_api::client::{Event, Events, segment};
use bespeak_api::request::{self, Nothing};
use bespeak_api::said::Said;
use bespeak_api::words::ChatText;
use clap::Args;
use serde_json::Value;
use tokio::sync::mpsc;

use super::offers::ended;
use crate::failure::Failure;
use crate::print;
use crate::render;
use crate::session::Session;

/// Lines typed ahead of a slow node. Source: wild guess; nobody types so fast, a pipe waits.
const TYPED_AHEAD: usize = 64;
/// How many earlier messages a chat begins with. Source: wild guess, half a screen.
const EARLIER: usize = 12;

/// Say something.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bespeak say cjuql3bm2tw 'Is the frame 56 cm?'")]
pub(crate) struct Say {
    /// The conversation: the thread that an offer or order names, or the beginning of it
    thread: String,
    /// What
    text: ChatText,
}

/// What was said.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak messages cjuql3bm2tw
  bespeak messages cjuql3bm2tw --watch

Behind each of yours stands how far it came: kept here; sent; in a drop (a relay keeps it for the other side);
received; read.")]
pub(crate) struct Messages {
    /// The conversation: the thread that an offer or order names, or the beginning of it
    thread: String,
    /// Go on, and show each message that comes
    #[arg(long)]
    watch: bool,
}

/// Talk.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  bespeak chat cjuql3bm2tw\n\nEnd with Ctrl-D.")]
pub(crate) struct Chat {
    /// The conversation: the thread that an offer or order names, or the beginning of it
    thread: String,
}

/// Let the vendor see the address of this node, or no longer.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  bespeak reveal cjuql3bm2tw
  bespeak reveal cjuql3bm2tw --off

From now on this vendor may see where your node is on the network, and the two may talk straight. Nobody else may, and
nothing is said to the vendor. With --off everything goes through your relays again; what was seen stays seen.")]
pub(crate) struct Reveal {
    /// The conversation: the thread that an offer or order names, or the beginning of it
    thread: String,
    /// No longer: through relays again
    #[arg(long)]
    off: bool,
}

fn path(thread: &str) -> String {
    format!("/v1/threads/{}/messages", segment(thread))
}

pub(crate) async fn say(asked: Say, session: &Session) -> Result<(), Failure> {
    let done = session.post(&path(&asked.thread), &request::Say { text: Said(asked.text) }).await?;
    let messages = session.get(&path(&asked.thread)).await?;
    session.done(&done, &format!("Said: {}.", render::last_of_mine(&messages)))
}

pub(crate) async fn reveal(asked: Reveal, session: &Session) -> Result<(), Failure> {
    let way = format!("/v1/threads/{}/reveal", segment(&asked.thread));
    let done = session.post(&way, &request::Reveal { on: !asked.off }).await?;
    session.done(
        &done,
        if asked.off {
            "This vendor sees no address of this node any more; what it has seen it may remember."
        } else {
            "From now on this vendor may see the address of this node."
        },
    )
}

pub(crate) async fn messages(asked: &Messages, session: &Session) -> Result<(), Failure> {
    if !asked.watch {
        let messages = session.get(&path(&asked.thread)).await?;
        return session.show(&messages, render::messages);
    }
    let mut events = session.events().await?;
    let mut seen = Seen::default();
    loop {
        seen.show_new(&asked.thread, session, usize::MAX, true).await?;
        until_something_is_said(&mut events, session).await?;
    }
}

pub(crate) async fn chat(asked: &Chat, session: &Session) -> Result<(), Failure> {
    let mut events = session.events().await?;
    let mut typed = typed_lines();
    let mut seen = Seen::default();
    seen.show_new(&asked.thread, session, EARLIER, true).await?;
    loop {
        tokio::select! {
            line = typed.recv() => match line {
                None => return Ok(()),
                Some(line) => say_line(&line, &asked.thread, session).await?,
            },
            event = events.next() => {
                if of_interest(&event?.ok_or_else(|| ended(session))?) {
                    seen.show_new(&asked.thread, session, usize::MAX, false).await?;
                }
            }
        }
    }
}

/// Says a line; one that cannot be said is no reason to end the conversation.
async fn say_line(line: &str, thread: &str, session: &Session) -> Result<(), Failure> {
    if line.trim().is_empty() {
        return Ok(());
    }
    match line.parse::<ChatText>() {
        Ok(text) => {
            session.post(&path(thread), &request::Say { text: Said(text) }).await?;
        }
        Err(error) => print::error(&format!("not said: {error}")),
    }
    Ok(())
}

/// Lines of standard input, read in a thread of their own: nothing else can wait for a keyboard.
fn typed_lines() -> mpsc::Receiver<String> {
    let (send, receive) = mpsc::channel(TYPED_AHEAD);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            if send.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receive
}

async fn until_something_is_said(events: &mut Events, session: &Session) -> Result<(), Failure> {
    loop {
        let event = events.next().await?.ok_or_else(|| ended(session))?;
        if of_interest(&event) {
            return Ok(());
        }
    }
}

fn of_interest(event: &Event) -> bool {
    render::word(&event.data, "kind") == "message_received"
}

/// Which messages were shown.
#[derive(Debug, Default)]
struct Seen(HashSet<String>);

impl Seen {
    /// Shows the messages that were not shown yet, the last `most` of them, one's own only if `own`; and tells
    /// the other side that they were read.
    async fn show_new(
        &mut self,
        thread: &str,
        session: &Session,
        most: usize,
        own: bool,
    ) -> Result<(), Failure> {
        let Value::Array(all) = session.get(&path(thread)).await? else { return Ok(()) };
        let id = |message: &Value| render::word(message, "id").to_owned();
        let new: Vec<_> = all.into_iter().filter(|message| !self.0.contains(&id(message))).collect();
        self.0.extend(new.iter().map(id));
        for message in new.iter().skip(new.len().saturating_sub(most)) {
            if own || render::word(message, "from") != "me" {
                session.show(message, render::message)?;
            }
        }
        if new.iter().any(|message| render::word(message, "from") == "them") {
            let read = format!("/v1/threads/{}/read", segment(thread));
            session.post(&read, &Nothing {}).await?;
        }
        Ok(())
    }
}
