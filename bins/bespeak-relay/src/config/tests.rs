#![allow(clippy::unwrap_used, clippy::panic)]

use bespeak_node::{LIMITS, NamedLimit, RelayLimits};

use super::{LISTEN, Metrics, Settings, read, sample, sample::grouped, understand};

/// The sample with every option in force. Prose has a space after its '#', an option and its lines have none, or four.
fn in_force() -> String {
    let option = |line: &str| {
        let bare = line.strip_prefix('#').filter(|rest| !rest.starts_with(' ') || rest.starts_with("    "));
        bare.unwrap_or(line).to_owned() + "\n"
    };
    sample().lines().map(option).collect()
}

#[test]
fn the_sample_in_deploy_is_the_one_that_is_printed() {
    assert_eq!(include_str!("../../../../deploy/relay.toml"), sample());
}

#[test]
fn the_sample_says_the_defaults() {
    assert_eq!(understand(&sample()), Ok(Settings::default()), "as it is it changes nothing");
    let in_force = in_force();
    let said = understand(&in_force).unwrap();
    assert_eq!(said.limits, RelayLimits::default());
    assert_eq!(said.home, Some("".into()), "a home has no default");
    assert_eq!(said.network, Some(bespeak_node::model::network::Network::main()));
    assert_eq!(said.listen.unwrap(), LISTEN);
    assert_eq!((said.external, said.peers), (Some(vec![]), Some(vec![])));
    assert_eq!(said.upnp, Some(false));
    assert_eq!((said.metrics, said.metrics_anywhere), (Some(Metrics::Off), Some(false)));
    for limit in LIMITS {
        let line = format!("{} = {}\n", limit.name, grouped(limit.get(&RelayLimits::default())));
        assert!(in_force.contains(&line), "{line}");
    }
}

#[test]
fn what_is_said_counts() {
    let said = understand(
        "home = \"/tmp/r\"\nnetwork = \"test\"\nlisten = [\"/ip4/127.0.0.1/tcp/0\"]\nmetrics = \"127.0.0.1:1\"\n\
         [limits]\nmail_bytes = 16_777_216\nmail_days = 3\n",
    )
    .unwrap();
    assert_eq!(said.home, Some("/tmp/r".into()));
    assert_eq!(said.metrics, Some(Metrics::At("127.0.0.1:1".parse().unwrap())));
    let get = |name| NamedLimit::named(name).unwrap().get(&said.limits);
    assert_eq!((get("mail_bytes"), get("mail_days"), get("connections")), (16 << 20, 3, 4096));
}

#[test]
fn what_cannot_be_is_refused_with_its_line_and_a_hint() {
    for (text, line, hint) in [
        ("hom = \"x\"", 1, "expected one of `home`"),
        ("\n\nlisten = 5", 3, "expected a sequence"),
        ("\nlisten = [4001]", 2, "expected a string"),
        ("home = \"a\"\nhome = \"b\"", 2, "duplicate key"),
        ("network = \"Main Street\"", 1, "the network"),
        ("#\nmetrics = \"everywhere\"", 2, "\"127.0.0.1:9464\""),
        ("metrics_anywhere = \"yes\"", 1, "expected a boolean"),
        ("[limits]\nconections = 9", 2, "did you mean \"connections\"?"),
        ("[limits]\nzzz = 9", 2, "`bespeak-relay config`"),
        ("[limits]\n\nconnections = \"many\"", 3, "expected i64"),
        ("[limits]\nconnections = 1.5", 2, "expected i64"),
        ("[limits]\nconnections = -1", 2, "from 8 to 1000000, not -1"),
        ("[limits]\nmail_bytes = 99999999999999999999", 2, ""),
        ("[limits]\nmail_days = 0", 2, "mail_days must be from 1 to 365, not 0"),
        ("[limit]\nmail_days = 1", 1, "`limits`"),
        ("limits = 4", 1, "expected a map"),
        ("listen = [", 1, ""),
        ("\u{0}", 1, ""),
    ] {
        let Err((at, why)) = understand(text) else { panic!("{text:?} is understood") };
        assert_eq!(at, Some(line), "{text:?}: {why}");
        assert!(why.contains(hint) && !why.is_empty(), "{text:?}: {why}");
    }
    let (at, why) = understand("[limits]\nqueue_bytes = 2000000\nmail_bytes = 1048576").unwrap_err();
    assert_eq!(at, None);
    assert!(why.contains("queue_bytes is more than mail_bytes"), "{why}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let (binary, long) = (dir.path().join("binary"), dir.path().join("long"));
    std::fs::write(&binary, [0xff, 0xfe]).unwrap();
    std::fs::write(&long, "#".repeat(70_000)).unwrap();
    for path in [dir.path().join("absent"), dir.path().to_owned(), binary, long] {
        let sentence = read(&path).unwrap_err().0;
        assert!(sentence.starts_with(&format!("{}: the configuration", path.display())), "{sentence}");
    }
}
