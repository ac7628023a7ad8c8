//! The configuration with every option at its default, and what each is for.

use std::fmt::Write;

use bespeak_node::{LIMITS, RelayLimits};

use super::LISTEN;

/// Longest line of a comment. Source: half a screen.
const WIDTH: usize = 100;

const HEAD: &str = "\
# A relay's configuration: bespeak-relay run --config relay.toml
#
# Every line that begins with '#' and a name is an option at its default; take the '#' away to change it. What the command
# line says counts more than what stands here.

# Its folder, made at the first start. It has no default: name it here, with --home, or in BESPEAK_RELAY_HOME.
#home = \"\"

# The network it is for: letters a-z, digits and '-'. A home keeps the network of its first start.
#network = \"main\"

# Where it listens. Of these four, those of IPv6 are left out by themselves on a machine without it.
";

const AFTER_LISTEN: &str = "
# Addresses to tell others, for a relay behind a router that forwards its port, such as \"/ip4/192.0.2.1/tcp/7373\".
#external = []

# Whether a router is asked to let its ports through (UPnP); one that does not know how is no matter.
#upnp = false

# Other relays, as they print their addresses, with /p2p/ and their name at the end. It carries the market to and from them.
#peers = []

# Where its numbers are served for Prometheus, such as \"127.0.0.1:9464\". Nobody is asked who they are there, so an address
# that other machines can reach must be allowed as well.
#metrics = \"off\"
#metrics_anywhere = false

# How much it does for others, per peer and in all. See docs/relay.md for how to choose.
[limits]
";

/// It, as text.
pub(crate) fn sample() -> String {
    let mut text = HEAD.to_owned();
    text.push_str("#listen = [\n");
    text.extend(LISTEN.map(|address| format!("#    {address:?},\n")));
    text.push_str("#]\n");
    text.push_str(AFTER_LISTEN);
    for limit in LIMITS {
        let value = limit.get(&RelayLimits::default());
        // Writing to a string does not fail.
        let _ = write!(text, "\n{}#{} = {}\n", comment(limit.words), limit.name, grouped(value));
    }
    text
}

fn comment(words: &str) -> String {
    let mut lines = vec![String::from("#")];
    for word in words.split(' ') {
        if lines.last().is_some_and(|line| line.len() + 1 + word.len() > WIDTH) {
            lines.push(String::from("#"));
        }
        if let Some(line) = lines.last_mut() {
            line.push(' ');
            line.push_str(word);
        }
    }
    lines.join("\n") + "\n"
}

/// A number as TOML takes it and people read it: 16_777_216.
pub(super) fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    grouped
}
