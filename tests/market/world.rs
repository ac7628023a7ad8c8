//! A relay, two vendors and a customer: four processes with homes of their own.

use std::path::PathBuf;

use bespeak_tests::wait_for;
use serde_json::Value;
use tempfile::TempDir;

use super::process::{Running, answer, list, text};

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// The meeting point.
    Relay,
    /// The vendor who answers by hand.
    Radhaus,
    /// The vendor who answers by rule.
    Klapprad,
    /// The customer.
    Customer,
}

/// All of them, in the order in which they start.
pub(crate) const EVERYBODY: [Who; 4] = [Who::Relay, Who::Radhaus, Who::Klapprad, Who::Customer];

/// What the two vendors sell.
const GOODS: [(&str, &str); 2] = [
    (
        "radhaus",
        r#"{"sku":"RH-1","title":"Folding e-bike Stadtfalter 20 inch","price":"1399 EUR","attributes":{"weight":"19 kg"}}
{"sku":"RH-2","title":"Bicycle bell, brass","price":"12.50 EUR"}
"#,
    ),
    (
        "klapprad",
        r#"{"sku":"KR-7","title":"Folding e-bike Kompakt 16 inch","price":"1290 EUR","attributes":{"weight":"17 kg"}}
{"sku":"KR-9","title":"Garden hose 20 m","price":"29.90 EUR"}
"#,
    ),
];

/// Four processes and their homes.
pub(crate) struct World {
    folder: TempDir,
    running: Vec<Option<Running>>,
    relay_address: String,
}

impl World {
    /// Makes the homes, starts everybody, gives the vendors their goods.
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut world = Self { folder, running: vec![None, None, None, None], relay_address: String::new() };
        for (who, role, name) in [
            (Who::Radhaus, "vendor", "Radhaus Nord"),
            (Who::Klapprad, "vendor", "Klapprad & Co"),
            (Who::Customer, "customer", "Anna"),
        ] {
            let made =
                answer(&world.home(who), &["init", "--role", role, "--name", name, "--network", "test"]);
            assert_eq!(text(&made, "recovery_phrase").split_whitespace().count(), 24);
        }
        for who in EVERYBODY {
            world.start(who);
        }
        world.meet();
        for (name, goods) in GOODS {
            let file = world.folder.path().join(format!("{name}.jsonl"));
            std::fs::write(&file, goods).expect("a file is written");
            let who = if name == "radhaus" { Who::Radhaus } else { Who::Klapprad };
            let path = file.to_str().expect("a path in UTF-8");
            let report = answer(&world.home(who), &["catalogue", "import", path]);
            assert_eq!(report["imported"], 2, "{report}");
            assert_eq!(report["skipped"].as_array().map(Vec::len), Some(0), "{report}");
        }
        world
    }

    /// The home of one of them.
    pub(crate) fn home(&self, who: Who) -> PathBuf {
        self.folder.path().join(format!("{who:?}").to_lowercase())
    }

    /// Waits until everybody who runs has somebody to talk to.
    fn meet(&self) {
        for who in [Who::Radhaus, Who::Klapprad, Who::Customer] {
            wait_for("a peer", || {
                answer(&self.home(who), &["status"])["peers"].as_u64().filter(|peers| *peers > 0)
            });
        }
    }

    fn start(&mut self, who: Who) {
        let home = self.home(who);
        let home = home.to_str().expect("a path in UTF-8");
        let listen = ["--listen", "/ip4/127.0.0.1/tcp/0"];
        let running = if who == Who::Relay {
            let program = ["run", "--home", home, "--json", "--network", "test"];
            Running::start("bespeak-relay", &[program.as_slice(), &listen].concat())
        } else {
            let peer = ["--peer", self.relay_address.as_str()];
            Running::start(
                "bespeak",
                &[&["--home", home, "--json", "run"], listen.as_slice(), &peer].concat(),
            )
        };
        if who == Who::Relay {
            assert!(
                self.relay_address.is_empty() || self.relay_address == running.address(),
                "a relay keeps its address"
            );
            self.relay_address = running.address();
        }
        self.running[who as usize] = Some(running);
    }

    /// Kills one of them and starts it again.
    pub(crate) fn kill_and_restart(&mut self, who: Who) {
        if let Some(running) = &mut self.running[who as usize] {
            running.kill();
        }
        self.start(who);
    }

    /// Ends one of them in peace.
    pub(crate) fn terminate(&mut self, who: Who) -> Option<i32> {
        self.running[who as usize].as_mut().and_then(Running::terminate)
    }

    /// What one of them says to a command.
    pub(crate) fn ask(&self, who: Who, arguments: &[&str]) -> Value {
        answer(&self.home(who), arguments)
    }

    /// Waits for an element of a list that a command prints.
    pub(crate) fn await_item(
        &self,
        who: Who,
        arguments: &[&str],
        what: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Value {
        wait_for(what, || list(&self.home(who), arguments).into_iter().find(&fits))
    }

    /// Waits until an order, as one of them sees it, is as it should be.
    pub(crate) fn await_order(
        &self,
        who: Who,
        order: &str,
        what: &str,
        fits: impl Fn(&Value) -> bool,
    ) -> Value {
        wait_for(what, || Some(self.ask(who, &["order", "show", order])).filter(&fits))
    }
}
