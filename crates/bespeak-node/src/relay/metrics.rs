//! What a relay counts, as Prometheus reads it. No label names a peer, a queue or an address: who reads the numbers learns
//! how much there is, never whose.

use std::sync::{Arc, atomic::Ordering};

use bespeak_model::reason::RefusalCode;
use bespeak_net::Net;
use bespeak_protocol::{drop::Host, market::Verdict};
use prometheus_client::{
    encoding::text::encode,
    metrics::{counter::Counter, family::Family, gauge::Gauge},
    registry::Registry,
};

type Label = [(&'static str, &'static str); 1];

/// The counters; copies count together.
#[derive(Clone)]
pub(super) struct Metrics {
    registry: Arc<Registry>,
    connections: Gauge,
    peers: Gauge,
    reservations: Gauge,
    reservations_refused: Counter,
    circuits: Gauge,
    circuits_carried: Counter,
    circuits_refused: Counter,
    queues: Gauge,
    held: Gauge,
    held_bytes: Gauge,
    waiting: Gauge,
    refusing: Gauge,
    pub(super) accepted: Counter,
    pub(super) accepted_bytes: Counter,
    pub(super) repeated: Counter,
    refused: Family<Label, Counter>,
    pub(super) delivered: Counter,
    pub(super) acknowledged: Counter,
    pub(super) expired: Counter,
    pub(super) displaced: Counter,
    pub(super) lost: Counter,
    pub(super) opened: Counter,
    pub(super) closed: Counter,
    requests: Family<Label, Counter>,
    gossip: Family<Label, Counter>,
    pub(super) questions: Counter,
    pub(super) cut_off: Counter,
    pub(super) commits: Counter,
    pub(super) failures: Counter,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut all = Registry::with_prefix("bespeak_relay");
        let r = &mut all;
        let metrics = Self {
            connections: gauge(r, "connections", "Connections, of everybody"),
            peers: gauge(r, "peers", "Nodes of this network that are connected"),
            reservations: gauge(r, "reservations", "Nodes that are reached through this relay"),
            reservations_refused: counter(r, "reservations_refused", "Nodes that asked for that in vain"),
            circuits: gauge(r, "circuits", "Connections carried between others"),
            circuits_carried: counter(r, "circuits_carried", "Such connections begun"),
            circuits_refused: counter(
                r,
                "circuits_refused",
                "Such connections refused: no reservation, or over a bound",
            ),
            queues: gauge(r, "queues", "Letter boxes that are open"),
            held: gauge(r, "mail_held_envelopes", "Envelopes that wait to be fetched"),
            held_bytes: gauge(r, "mail_held_bytes", "Bytes of those"),
            waiting: gauge(r, "requests_waiting", "Requests that wait for mail"),
            refusing: gauge(r, "store_refusing", "1 while the disk refuses, else 0"),
            accepted: counter(r, "mail_accepted_envelopes", "Envelopes stored"),
            accepted_bytes: counter(r, "mail_accepted_bytes", "Bytes of those"),
            repeated: counter(r, "mail_repeated_envelopes", "Envelopes left again that were there"),
            refused: family(r, "mail_refused_envelopes", "Envelopes not taken, by the reason that was given"),
            delivered: counter(r, "mail_delivered_envelopes", "Envelopes handed out, some more than once"),
            acknowledged: counter(
                r,
                "mail_acknowledged_envelopes",
                "Envelopes deleted by whom they were for",
            ),
            expired: counter(r, "mail_expired_envelopes", "Envelopes that nobody fetched in time"),
            displaced: counter(
                r,
                "mail_displaced_envelopes",
                "Envelopes that gave way to a quieter sender's",
            ),
            lost: counter(r, "mail_lost_envelopes", "Envelopes that the disk damaged"),
            opened: counter(r, "queues_opened", "Letter boxes opened"),
            closed: counter(r, "queues_closed", "Letter boxes closed because nobody asked for them"),
            requests: family(
                r,
                "requests_refused",
                "Requests other than to leave mail not done, by the reason given",
            ),
            gossip: family(r, "gossip_messages", "Market messages heard, by what became of them"),
            questions: counter(r, "catch_up_questions", "Questions of those who were away"),
            cut_off: counter(r, "peers_cut_off", "Peers cut off for what no honest node sends"),
            commits: counter(r, "store_commits", "Pieces of work that became durable"),
            failures: counter(r, "store_failures", "Pieces of work that the disk refused"),
            registry: Arc::new(all),
        };
        metrics.zero();
        metrics
    }
}

fn gauge(registry: &mut Registry, name: &str, help: &str) -> Gauge {
    let gauge = Gauge::default();
    registry.register(name, help, gauge.clone());
    gauge
}

fn counter(registry: &mut Registry, name: &str, help: &str) -> Counter {
    let counter = Counter::default();
    registry.register(name, help, counter.clone());
    counter
}

fn family(registry: &mut Registry, name: &str, help: &str) -> Family<Label, Counter> {
    let family = Family::default();
    registry.register(name, help, family.clone());
    family
}

impl Metrics {
    /// What is counted by reason is there with 0 before it first happens.
    fn zero(&self) {
        use RefusalCode::{Internal, NotFound, NotParty, RateLimited, TooLarge, UnsupportedVersion};
        for code in [NotFound, RateLimited, TooLarge, Internal] {
            drop(self.refused.get_or_create(&[("reason", code.as_str())]));
        }
        for code in [UnsupportedVersion, NotParty, RateLimited, Internal] {
            drop(self.requests.get_or_create(&[("reason", code.as_str())]));
        }
        for verdict in ["forwarded", "ignored", "rejected"] {
            drop(self.gossip.get_or_create(&[("verdict", verdict)]));
        }
    }

    /// An envelope was not taken.
    pub(super) fn refuse_mail(&self, code: RefusalCode) {
        self.refused.get_or_create(&[("reason", code.as_str())]).inc();
    }

    /// Another request was not done.
    pub(super) fn refuse(&self, code: RefusalCode) {
        self.requests.get_or_create(&[("reason", code.as_str())]).inc();
    }

    /// A market message was judged.
    pub(super) fn judged(&self, verdict: Verdict) {
        let verdict = match verdict {
            Verdict::Accept => "forwarded",
            Verdict::Ignore => "ignored",
            Verdict::Reject => "rejected",
        };
        self.gossip.get_or_create(&[("verdict", verdict)]).inc();
    }

    /// What is held now.
    pub(super) fn holds(&self, host: &Host) {
        self.queues.set(number(host.queues() as u64));
        self.held.set(number(host.envelopes() as u64));
        self.held_bytes.set(number(host.total_bytes()));
    }

    /// How many requests wait now, and whether the disk refuses.
    pub(super) fn stands(&self, waiting: usize, refusing: bool) {
        self.waiting.set(number(waiting as u64));
        self.refusing.set(refusing.into());
    }

    /// Everything, in the text form of OpenMetrics.
    pub(super) fn text(&self, net: &Net) -> String {
        self.connections.set(number(net.connection_count() as u64));
        self.peers.set(number(net.peer_count() as u64));
        let carried = net.carried();
        self.reservations.set(number(carried.reservations));
        self.circuits.set(number(carried.circuits));
        for (counter, value) in [
            (&self.reservations_refused, carried.reservations_refused_total),
            (&self.circuits_carried, carried.circuits_total),
            (&self.circuits_refused, carried.circuits_refused_total),
        ] {
            // Counted by the wires since the start of this relay, as everything here.
            counter.inner().store(value, Ordering::Relaxed);
        }
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
