//! `bespeak doctor`: how the node and its home stand. Where no node answers, it looks at the home itself.

use bespeak_api::client::ClientError;
use bespeak_node::doctor;
use serde_json::{Value, json};

use crate::failure::{FAILED, Failure};
use crate::print;
use crate::render;
use crate::session::{Session, odd};

pub(crate) async fn run(session: &Session) -> Result<(), Failure> {
    let mut found = examined(session).await?;
    for line in found["lines"].as_array_mut().into_iter().flatten() {
        if let Some(mend) = line.get("mend").and_then(Value::as_str) {
            line["mend"] = at_home(mend, &session.with_home()).into();
        }
    }
    let broken = found["lines"].as_array().into_iter().flatten().any(|line| line["state"] == "broken");
    if broken && session.json() {
        // Every document of what fails names the code.
        found["exit"] = FAILED.into();
    }
    if session.json() {
        print::json(&found);
    } else {
        print::text(&render::examined(&found));
    }
    if broken { Err(Failure::Told { code: FAILED }) } else { Ok(()) }
}

/// What the node says, or what can be seen without one.
async fn examined(session: &Session) -> Result<Value, Failure> {
    let trouble = match session.examination().await {
        Ok(found) => return Ok(found),
        Err(ClientError::NotRunning) => None,
        Err(ClientError::Broken(why)) => Some(why),
        Err(refused @ ClientError::Refused(_)) => return Err(refused.into()),
    };
    let home = session.home().to_owned();
    let looked =
        tokio::task::spawn_blocking(move || doctor::examine(&home)).await.map_err(Failure::failed)?;
    let mut found = serde_json::to_value(looked).map_err(odd)?;
    if let (Some(why), Some(lines)) = (trouble, found["lines"].as_array_mut()) {
        lines.push(json!({
            "what": "node", "state": "broken", "says": format!("The node does not answer as it should: {why}."),
            "mend": "end it, and start it again with `bespeak run`",
        }));
    }
    Ok(found)
}

/// Advice for this home: its commands name it, where it has to be named.
fn at_home(mend: &str, with_home: &str) -> String {
    let named = |command: &str| match command.strip_prefix("bespeak ") {
        Some(rest) if !rest.contains("--home") => format!("bespeak{with_home} {rest}"),
        _ => command.to_owned(),
    };
    // A command alone, or several in backticks: every other part.
    if !mend.contains('`') {
        return named(mend);
    }
    let parts = mend.split('`').enumerate();
    let parts = parts.map(|(place, part)| if place % 2 == 1 { named(part) } else { part.to_owned() });
    parts.collect::<Vec<_>>().join("`")
}

#[cfg(test)]
mod tests {
    use super::at_home;

    #[test]
    fn advice_names_the_home_where_it_has_to() {
        let named = |mend| at_home(mend, " --home /h");
        assert_eq!(named("bespeak backup FILE"), "bespeak --home /h backup FILE");
        assert_eq!(named("make room; then `bespeak run`."), "make room; then `bespeak --home /h run`.");
        assert_eq!(
            named("`bespeak backup FILE`, then `bespeak restore FILE --home NEW`"),
            "`bespeak --home /h backup FILE`, then `bespeak restore FILE --home NEW`"
        );
        assert_eq!(named("chmod go-rwx /h"), "chmod go-rwx /h");
        assert_eq!(at_home("bespeak run", ""), "bespeak run");
    }
}
