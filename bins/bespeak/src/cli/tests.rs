#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use clap::{CommandFactory, Parser};

use super::Cli;

/// Every command with its full name.
fn all(command: &clap::Command, name: &str, out: &mut Vec<(String, clap::Command)>) {
    out.push((name.to_owned(), command.clone()));
    for sub in command.get_subcommands() {
        all(sub, &format!("{name} {}", sub.get_name()), out);
    }
}

fn commands() -> Vec<(String, clap::Command)> {
    let mut out = Vec::new();
    all(&Cli::command(), "bespeak", &mut out);
    out
}

fn examples(command: &clap::Command) -> Vec<String> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    help.lines().filter_map(|line| line.strip_prefix("  ")).map(str::to_owned).collect()
}

#[test]
fn the_words_fit_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_example_in_every_help_can_be_typed() {
    let mut count = 0;
    for (name, command) in commands() {
        for example in examples(&command) {
            let words = shlex::split(&example).expect("quotes close");
            let parsed = Cli::try_parse_from(&words);
            assert!(parsed.is_ok(), "{name}: {example}\n{}", parsed.unwrap_err());
            count += 1;
        }
    }
    assert!(count > 50, "only {count} examples");
}

/// The words of every line of the documents that call this program: in the `sh` blocks of READMEs, and where a service
/// is started.
fn calls() -> Vec<Vec<String>> {
    let top = concat!(env!("CARGO_MANIFEST_DIR"), "/../../");
    let read = |name: &str| std::fs::read_to_string(format!("{top}{name}")).expect("the document is there");
    let mut lines = Vec::new();
    for name in ["README.md", "deploy/README.md"] {
        let text = read(name).replace("\\\n", " ");
        let blocks = text.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next());
        lines.extend(blocks.flat_map(str::lines).map(str::to_owned));
    }
    let unit = read("deploy/bespeak.service").replace("\\\n", " ");
    lines.extend(unit.lines().filter_map(|line| line.strip_prefix("ExecStart=")).map(str::to_owned));
    let mut calls = Vec::new();
    for line in lines {
        let line = line.replace("cargo run --release --", "bespeak");
        let mut words = shlex::split(&line).expect("quotes close");
        if words.first().is_some_and(|word| word.rsplit('/').next() == Some("bespeak")) {
            "bespeak".clone_into(&mut words[0]);
            calls.push(words);
        }
    }
    calls
}

#[test]
fn every_command_in_the_documents_can_be_typed() {
    let calls = calls();
    for words in &calls {
        let parsed = Cli::try_parse_from(words);
        assert!(parsed.is_ok(), "{words:?}\n{}", parsed.unwrap_err());
    }
    let has = |word: &str| calls.iter().any(|words| words.iter().any(|other| other == word));
    for step in ["demo", "init", "run", "want", "accept", "request-payment", "fulfil", "complete", "receipt"]
    {
        assert!(has(step), "no document says how to {step}");
    }
}

#[test]
fn every_command_that_does_something_has_an_example_of_itself() {
    for (name, command) in commands() {
        if command.is_subcommand_required_set() && name != "bespeak" {
            continue;
        }
        let last = name.rsplit(' ').next().unwrap();
        let own = examples(&command).iter().any(|example| example.split(' ').any(|word| word == last));
        assert!(own, "{name} has no example");
    }
}

fn refused(words: &str) -> String {
    let words = shlex::split(words).unwrap();
    Cli::try_parse_from(words).expect_err("is refused").to_string()
}

#[test]
fn what_cannot_be_read_says_what_to_write() {
    let cases = [
        ("bespeak want x --max 12", "write it as 1500EUR or 19.99 EUR"),
        ("bespeak want x --max 12.345EUR", "decimal places"),
        ("bespeak want x --max 12XXX", "ISO 4217"),
        ("bespeak want x --need-by tomorrow", "2026-12-01"),
        ("bespeak want x --near Germany", "such as DE"),
        ("bespeak want x --category vehicles.bycicles", "vehicles.bicycles"),
        ("bespeak want x --live 2d", "1d, 3d, 7d, 30d"),
        ("bespeak want x --attr heavy", "weight<=25kg"),
        ("bespeak want x --terms MINE", "SD-BASE"),
        ("bespeak want ''", "empty"),
        ("bespeak decline b --reason because", "shipping_cost"),
        ("bespeak intention withdraw b --reason because", "changed_mind"),
        ("bespeak order fulfil b --event flown", "in_transit"),
        ("bespeak order fulfil b --line 0 --quantity 1", "0"),
        ("bespeak order fulfil b --line 1 --quantity 0", "more than nothing"),
        ("bespeak order fulfil b --line 1 --quantity half", "2.5"),
        ("bespeak auto on --limit 5EUR --no-limit", "cannot be used with"),
        ("bespeak order request-payment b --payto DE75", "payto://iban"),
        ("bespeak order request-payment b", "--payto"),
        ("bespeak offer b --line frame", "Frame=80EUR"),
        ("bespeak offer b", "--sku"),
        ("bespeak offer b --price 1EUR --sku A", "after its --sku"),
        ("bespeak init --role relay", "customer or a vendor"),
        ("bespeak init --role vendor --network MAIN", "a-z"),
        ("bespeak run --api here", "here"),
        ("bespeak auto on --margin much", "5%"),
        ("bespeak offer b --sku A --valid soon", "30m, 12h, 3d"),
    ];
    for (words, wanted) in cases {
        let said = refused(words);
        assert!(said.contains(wanted), "{words}: {said}");
    }
}

#[test]
fn items_keep_their_order_and_prices() {
    let words = "bespeak offer b --sku A --line 'B=1EUR' --sku C --price 2EUR --line 'D=E=3EUR'";
    let cli = Cli::try_parse_from(shlex::split(words).unwrap()).unwrap();
    let super::Command::Offer(offer) = cli.command else { panic!("an offer") };
    let text = serde_json::to_string(&offer.into_items().0).unwrap();
    let wanted = r#"[{"sku":"A"},{"name":"B","price":"1.00 EUR"},{"sku":"C","price":"2.00 EUR"},{"name":"D=E","price":"3.00 EUR"}]"#;
    assert_eq!(text, wanted);
}
