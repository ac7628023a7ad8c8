//! Putting a node together.

use std::sync::{Arc, Mutex};

use bespeak_identity::Purpose;
use bespeak_net::{MarketIdentity, NetConfig};
use bespeak_protocol::{market, rate::Rates};
use bespeak_store::{OpeningReport, Options as StoreOptions, Watch};
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{Inner, Node, NodeOptions};
use crate::{
    answer::Answerer,
    bulletin::Bulletin,
    callers::Callers,
    catch_up::{Answers, CatchUp},
    clock::now,
    commit::Committer,
    error::{FormError, StartError},
    home::{Home, Role},
    life::{Failures, Life, Maker},
    meeting::Meeting,
    offences::Offences,
    outbound::Outbound,
    place::Place,
    postmen::{Fetched, Postmen},
    posts::Carrier,
    relays::Relays,
    rules::{self, Desk},
    run::{Doors, Run},
    shelf::Shelf,
    warehouse::Warehouse,
    wires::{self, Wires},
};

/// Questions to the loop that wait. Source: wild guess; whoever comes later waits.
const ASKS: usize = 256;

/// Where a node listens when nothing is said: every interface, both wires, any port.
pub(crate) const EVERYWHERE: [&str; 2] = ["/ip4/0.0.0.0/tcp/0", "/ip4/0.0.0.0/udp/0/quic-v1"];

pub(super) async fn start(
    home: Home,
    options: NodeOptions,
    watch: Option<Watch>,
) -> Result<Node, StartError> {
    let Some(maker) = Maker::of(home.contents()) else {
        return Err(StartError::Role { home: home.path().to_owned(), role: home.role() });
    };
    let stored = StoreOptions { watch, ..StoreOptions::default() };
    let shelf = open_shelf(&home, stored).await?;
    start_on(&home, &options, shelf, maker).await
}

/// Starts a node on a store that is open.
pub(super) async fn start_on(
    home: &Home,
    options: &NodeOptions,
    shelf: Shelf,
    maker: Maker,
) -> Result<Node, StartError> {
    let life = match Life::begin(maker, &shelf).await {
        Ok(life) => life,
        Err(error) => {
            shelf.store().clone().close().await;
            return Err(StartError::Kept(error.to_string()));
        }
    };
    let wires = match start_wires(&shelf, net_config(home, options, shelf.anchors())).await {
        Ok(wires) => wires,
        Err(error) => {
            // The home must be free for the next try.
            shelf.store().clone().close().await;
            return Err(error);
        }
    };
    let kept = shelf.clone();
    let desk = tokio::task::spawn_blocking(move || Desk::new(rules::recall(&kept))).await;
    let desk = desk.map_err(|error| StartError::Kept(error.to_string()))?;
    Ok(assemble(home, options, shelf, desk, life, wires))
}

pub(crate) async fn open_shelf(home: &Home, options: StoreOptions) -> Result<Shelf, StartError> {
    for warning in home.warnings() {
        tracing::warn!(target: "bespeak::node", "{warning}");
    }
    let (path, secret, hiding) = (home.path().to_owned(), home.store_secret(), home.hiding());
    let opening = tokio::task::spawn_blocking(move || {
        let opened = Shelf::open_hidden(&path, &secret, hiding, options);
        let (shelf, report) = opened.map_err(StartError::store(path.clone()))?;
        tell_findings(&report);
        // Refused, the last handle is dropped here, and the home is free.
        settle_form(&shelf).map_err(|source| StartError::Form { home: path, source })?;
        Ok(shelf)
    });
    opening.await.map_err(|error| StartError::Kept(error.to_string()))?
}

fn settle_form(shelf: &Shelf) -> Result<(), FormError> {
    if shelf.form()?.is_none()
        && let Err(error) = shelf.keep_form()
    {
        // A full disk must not keep a node from reading; the next start notes it.
        tracing::warn!(target: "bespeak::node", %error, "form_not_noted");
    }
    Ok(())
}

fn tell_findings(report: &OpeningReport) {
    let OpeningReport { records, bytes, torn_tail, damaged, index, .. } = report;
    tracing::info!(target: "bespeak::node", records, bytes, ?torn_tail, ?index, "store_opened");
    for damage in damaged {
        tracing::error!(target: "bespeak::node", ?damage, "store_damaged");
    }
}

/// Starts the wires on the ports of last time, and remembers the ports they got, unless they had to give way: the old
/// port is the one that others know.
pub(crate) async fn start_wires(shelf: &Shelf, config: NetConfig) -> Result<Wires, StartError> {
    let remembered = shelf.ports();
    let wires = wires::start(config, &remembered).await?;
    let ports = wires::merged(&remembered, &wires.ports);
    if ports != remembered
        && let Err(error) = shelf.keep_ports(&ports).await
    {
        // Another port next time is a nuisance, no reason not to start.
        tracing::warn!(target: "bespeak::node", %error, "ports_not_remembered");
    }
    Ok(wires)
}

fn net_config(home: &Home, options: &NodeOptions, anchors: Vec<String>) -> NetConfig {
    let identity = match home.role() {
        Role::Customer => MarketIdentity::Fresh,
        Role::Vendor | Role::Relay => MarketIdentity::Fixed(*home.seed().sign_key(Purpose::Party).to_bytes()),
    };
    let public = home.role() == Role::Vendor;
    let mut config = NetConfig::new(identity, home.network().as_str());
    config.listen = listen_or_everywhere(&options.listen);
    config.peers = options.named();
    config.topics = market::topics(home.network());
    config.hide_listen_addresses = !public;
    config.answers_catch_up = public;
    config.be_found = public;
    config.upnp = public && options.upnp;
    config.external = if public { options.external.clone() } else { Vec::new() };
    config.lan = options.lan;
    config.anchors = anchors;
    config
}

pub(crate) fn listen_or_everywhere(listen: &[String]) -> Vec<String> {
    if listen.is_empty() { EVERYWHERE.map(str::to_owned).to_vec() } else { listen.to_vec() }
}

fn assemble(home: &Home, options: &NodeOptions, shelf: Shelf, desk: Desk, life: Life, wires: Wires) -> Node {
    let Wires { net, events, .. } = wires;
    let (asks, asks_in) = mpsc::channel(ASKS);
    let (back, back_in) = mpsc::unbounded_channel();
    let (catch_up, caught) = CatchUp::new(home.network(), now());
    let (bulletin, meeting) = (Bulletin::new(now()), Arc::new(Meeting::default()));
    let warehouse = (home.role() == Role::Vendor).then(|| Warehouse::open(shelf.clone()));
    let desk = Arc::new(desk);
    let (callers, fetched) = (Callers::default(), Fetched::default());
    let carrier = Carrier::new(net.clone(), callers.clone(), options.reveal);
    let (outbound, carriers) = Outbound::start(&net, carrier, back.clone());
    let unreadable = life.unreadable;
    let considered = Arc::default();
    let run = Run {
        life,
        shelf: shelf.clone(),
        net: net.clone(),
        committer: Committer::start(shelf.store().clone()),
        outbound,
        carriers,
        callers,
        anchored: Vec::new(),
        postmen: Postmen::new(net.clone(), back.clone(), fetched.clone()),
        bulletin: bulletin.clone(),
        meeting: Arc::clone(&meeting),
        answerer: warehouse
            .clone()
            .map(|warehouse| Answerer::new(warehouse, Arc::clone(&desk), back, Arc::clone(&considered))),
        offences: Offences::default(),
        gossip_rates: Rates::new(market::limits::PEER_RATE),
        catch_up,
        answers: Answers::default(),
        ill: None,
        placement: None,
        failures: Failures::default(),
        wake_at: None,
        woken: Instant::now(),
        sync_at: None,
    };
    let (ending, ended) = watch::channel(false);
    tokio::spawn(async move {
        run.run(Doors { asks: asks_in, events, back: back_in, caught }).await;
        ending.send_replace(true);
    });
    let named = options.named();
    let configured = named.len() + usize::from(options.bootstrap.is_some());
    let relays = Relays::new(&net, named, options.bootstrap.clone());
    let place = Place { role: home.role(), net: net.clone(), relays, revealed: options.reveal };
    tokio::spawn(place.clone().tell(asks.downgrade()));
    let inner = Inner {
        asks,
        place,
        net,
        bulletin,
        meeting,
        shelf,
        warehouse,
        desk,
        home: home.path().to_owned(),
        carried: home.to_carry(),
        role: home.role(),
        party: home.party(),
        network: home.network().clone(),
        configured,
        unreadable,
        considered,
        fetched,
        ended,
        stopping: Mutex::new(false),
    };
    Node { inner: Arc::new(inner) }
}
