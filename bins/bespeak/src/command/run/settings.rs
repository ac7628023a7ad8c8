//! How a node is run: from words, and from a file beside them.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::path::{Path, PathBuf};

use bespeak_node::{NodeOptions, Role};
use clap::Args;
use serde::Deserialize;

use crate::failure::Failure;

/// The file that is read when none is named.
const FILE: &str = "run.toml";

/// Longest file that is read, in bytes. Source: as of a relay's configuration, which has more to say.
const MOST: u64 = 64 * 1024;

/// What may be set, by the same words here and in the file. Lists that are empty, and what is absent, leave it to the
/// other source.
#[derive(Debug, Default, Args, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Settings {
    /// An address to listen on; repeat for more [default: TCP and QUIC on every interface, ports chosen once]
    #[arg(long, value_name = "MULTIADDR")]
    listen: Vec<String>,
    /// The address of a relay: to meet others at, to leave mail at, and to be reached through; repeat for more
    #[arg(long, value_name = "MULTIADDR")]
    relay: Vec<String>,
    /// The address of any node to meet others at; one that turns out to be a relay is used as one; repeat for more
    #[arg(long, value_name = "MULTIADDR")]
    peer: Vec<String>,
    /// A name in the DNS under which relays are listed, as TXT records of _dnsaddr.NAME
    #[arg(long, value_name = "NAME")]
    bootstrap: Option<String>,
    /// Let vendors see this node's address: no circuits are needed then, nor a relay (customer)
    #[arg(long)]
    reveal: bool,
    /// Meet nodes on the local network too, and be seen there
    #[arg(long)]
    lan: bool,
    /// Ask the router for a port, so that customers get through without a relay (vendor)
    #[arg(long)]
    upnp: bool,
    /// An address at which others reach this node that it cannot see itself; repeat for more (vendor)
    #[arg(long, value_name = "MULTIADDR")]
    external: Vec<String>,
}

impl Settings {
    /// What would make a customer's node one that can be dialled is not passed over in silence.
    fn check(&self, role: Role) -> Result<(), Failure> {
        let foreign = match role {
            Role::Customer if self.upnp => "upnp",
            Role::Customer if !self.external.is_empty() => "external",
            _ => return Ok(()),
        };
        let why = "nobody is to dial a customer's node";
        Err(Failure::usage(format!("{foreign} is not for a {role}'s node: {why}.")))
    }

    /// These, and what they leave open as the others have it.
    fn or(self, others: Self) -> Self {
        let list = |own: Vec<String>, other| if own.is_empty() { other } else { own };
        Self {
            listen: list(self.listen, others.listen),
            relay: list(self.relay, others.relay),
            peer: list(self.peer, others.peer),
            bootstrap: self.bootstrap.or(others.bootstrap),
            reveal: self.reveal || others.reveal,
            lan: self.lan || others.lan,
            upnp: self.upnp || others.upnp,
            external: list(self.external, others.external),
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
    let Settings { listen, relay, peer, bootstrap, reveal, lan, upnp, external } = settings;
    Ok(NodeOptions { listen, peers: peer, relays: relay, bootstrap, reveal, lan, upnp, external })
}

fn read(file: Option<&Path>, home: &Path) -> Result<Settings, Failure> {
    let path = file.map_or_else(|| home.join(FILE), PathBuf::from);
    let failed = |why: &dyn std::fmt::Display| Failure::usage(format!("{}: {why}", path.display()));
    let text = match text(&path) {
        Ok(text) if text.len() as u64 > MOST => return Err(failed(&format!("longer than {MOST} bytes"))),
        Ok(text) => text,
        Err(error) if file.is_none() && error.kind() == ErrorKind::NotFound => String::new(),
        Err(error) => return Err(failed(&format!("cannot be read: {error}"))),
    };
    toml::from_str(&text).map_err(|error| failed(&error))
}

fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(MOST + 1).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]

    use super::*;

    #[test]
    fn what_is_said_counts_before_the_file_and_the_file_before_nothing() {
        let home = tempfile::tempdir().expect("a folder");
        let file =
            "relay = [\"/ip4/203.0.113.1/tcp/1\"]\nlan = true\nreveal = false\nbootstrap = \"a.example\"\n";
        std::fs::write(home.path().join(FILE), file).expect("written");
        let relay = vec!["/ip4/203.0.113.2/tcp/1".to_owned()];
        let said = Settings { relay, reveal: true, ..Settings::default() };
        let options = options(said, None, home.path(), Role::Customer).expect("read");
        assert_eq!(options.relays, ["/ip4/203.0.113.2/tcp/1"]);
        assert!(options.lan && options.reveal && !options.upnp);
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
            (&"#".repeat(64 * 1024 + 1), "65536 bytes"),
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
        let upnp = || Settings { upnp: true, ..Settings::default() };
        let external = || Settings { external: vec!["/ip4/1.2.3.4/tcp/1".to_owned()], ..Settings::default() };
        assert!(set(Role::Customer, upnp()).is_err() && set(Role::Vendor, upnp()).is_ok());
        assert!(set(Role::Customer, external()).is_err() && set(Role::Vendor, external()).is_ok());
    }
}
