//! How a node is run: from words, and from a file beside them.

use std::path::{Path, PathBuf};

use bespeak_node::{NodeOptions, Role};
use serde::Deserialize;

use crate::failure::Failure;

/// The file that is read when none is named.
const FILE: &str = "run.toml";

/// What may be set. Lists that are empty, and what is absent, leave it to the other source.
#[derive(Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    pub(super) listen: Vec<String>,
    pub(super) relay: Vec<String>,
    pub(super) peer: Vec<String>,
    pub(super) external: Vec<String>,
    pub(super) bootstrap: Option<String>,
    pub(super) reveal: Option<bool>,
    pub(super) lan: Option<bool>,
    pub(super) upnp: Option<bool>,
}

impl Settings {
    /// What would make a customer's node one that can be dialled is not passed over in silence.
    fn check(&self, role: Role) -> Result<(), Failure> {
        let foreign = match role {
            Role::Customer if self.upnp == Some(true) => {
                Some(("upnp", "nobody is to dial a customer's node"))
            }
            Role::Customer if !self.external.is_empty() => {
                Some(("external", "nobody is to dial a customer's node"))
            }
            _ => None,
        };
        let refused = |(name, why)| Failure::usage(format!("{name} is not for a {role}'s node: {why}."));
        foreign.map_or(Ok(()), |foreign| Err(refused(foreign)))
    }

    /// These, and what they leave open as the others have it.
    fn or(self, others: Self) -> Self {
        let list = |own: Vec<String>, other| if own.is_empty() { other } else { own };
        Self {
            listen: list(self.listen, others.listen),
            relay: list(self.relay, others.relay),
            peer: list(self.peer, others.peer),
            external: list(self.external, others.external),
            bootstrap: self.bootstrap.or(others.bootstrap),
            reveal: self.reveal.or(others.reveal),
            lan: self.lan.or(others.lan),
            upnp: self.upnp.or(others.upnp),
        }
    }
}

/// The options of a node: what was said, and the rest from the file.
pub(super) fn options(
    said: Settings,
    file: Option<&Path>,
    home: &Path,
    role: Role,
) -> Result<NodeOptions, Failure> {
    let settings = said.or(read(file, home)?);
    settings.check(role)?;
    let Settings { listen, relay, peer, external, bootstrap, reveal, lan, upnp } = settings;
    Ok(NodeOptions {
        listen,
        peers: peer,
        relays: relay,
        bootstrap,
        reveal: reveal.unwrap_or_default(),
        lan: lan.unwrap_or_default(),
        open_ports: upnp.unwrap_or_default(),
        external,
    })
}

fn read(file: Option<&Path>, home: &Path) -> Result<Settings, Failure> {
    let path = file.map_or_else(|| home.join(FILE), PathBuf::from);
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if file.is_none() && error.kind() == std::io::ErrorKind::NotFound => String::new(),
        Err(error) => {
            return Err(Failure::usage(format!("{} cannot be read: {error}", path.display())));
        }
    };
    toml::from_str(&text).map_err(|error| Failure::usage(format!("{}: {error}", path.display())))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn what_is_said_counts_before_the_file_and_the_file_before_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let file = "relay = [\"/ip4/203.0.113.1/tcp/1\"]\nlan = true\nbootstrap = \"a.example\"\n";
        std::fs::write(home.path().join(FILE), file).expect("written");
        let said = Settings { relay: vec!["/ip4/203.0.113.2/tcp/1".to_owned()], ..Settings::default() };
        let options = options(said, None, home.path(), Role::Customer).expect("read");
        assert_eq!(options.relays, ["/ip4/203.0.113.2/tcp/1"]);
        assert!(options.lan && !options.reveal);
        assert_eq!(options.bootstrap.as_deref(), Some("a.example"));
    }

    #[test]
    fn what_is_no_setting_is_refused_where_it_stands() {
        let home = tempfile::tempdir().expect("a folder");
        for (text, named) in [
            ("relays = []", "relays"),
            ("relay = 7", "relay"),
            ("lan = \"yes\"", "lan"),
            ("reveal", "run.toml"),
        ] {
            std::fs::write(home.path().join(FILE), text).expect("written");
            let failure = options(Settings::default(), None, home.path(), Role::Customer).expect_err(text);
            assert!(format!("{failure:?}").contains(named), "{failure:?}");
        }
        let missing = home.path().join("missing.toml");
        assert!(
            options(Settings::default(), Some(&missing), home.path(), Role::Customer).is_err(),
            "named, and not there"
        );
        assert!(
            options(Settings::default(), None, missing.as_path(), Role::Customer).is_ok(),
            "not named, and not there"
        );
    }

    #[test]
    fn what_is_for_the_other_role_is_refused() {
        let home = tempfile::tempdir().expect("a folder");
        let set = |role, settings| options(settings, None, home.path(), role);
        let upnp = || Settings { upnp: Some(true), ..Settings::default() };
        let external = || Settings { external: vec!["/ip4/1.2.3.4/tcp/1".to_owned()], ..Settings::default() };
        assert!(set(Role::Customer, upnp()).is_err() && set(Role::Vendor, upnp()).is_ok());
        assert!(set(Role::Customer, external()).is_err() && set(Role::Vendor, external()).is_ok());
    }
}
