#![allow(clippy::unwrap_used)]

use libp2p::identity::Keypair;

use super::*;

/// A peer with a name that any run gives it again.
fn peer(number: u64) -> PeerId {
    let mut secret = [0; 32];
    secret[..8].copy_from_slice(&number.to_be_bytes());
    Keypair::ed25519_from_bytes(secret).unwrap().public().to_peer_id()
}

fn at(ip: &str, peer: PeerId) -> Address {
    Address::read(&format!("/ip4/{ip}/tcp/1/p2p/{peer}")).unwrap()
}

fn book(seed: u64, now: Instant) -> Book {
    Book::new(peer(0), seed, now)
}

/// Dials until nobody is picked any more; everybody answers.
fn fill(book: &mut Book, lines: &mut Vec<Line>, now: Instant) {
    let mut dials = 0;
    while let Some(pick) = book.pick(lines, now) {
        let connection = ConnectionId::new_unchecked(dials);
        dials += 1;
        book.dialling(&pick.peer, connection);
        book.reached(connection);
        if !book.met(&pick.peer) {
            let group = pick.addresses[0].ip().and_then(Group::of);
            lines.push(Line { peer: pick.peer, group });
        }
    }
}

#[test]
fn one_line_for_each_neighbourhood_and_no_more_than_enough() {
    let now = Instant::now();
    let mut book = book(1, now);
    let list = Source::List(peer(1));
    (10..30).for_each(|n| book.learn(list, at(&format!("203.0.113.{n}"), peer(n)), Scope::World, now));
    let mut lines = Vec::new();
    fill(&mut book, &mut lines, now);
    assert_eq!(lines.len(), 1, "all of them are neighbours");
    (30..60).for_each(|n| book.learn(list, at(&format!("203.{n}.0.1"), peer(n)), Scope::World, now));
    fill(&mut book, &mut lines, now);
    assert_eq!(lines.len(), OUTBOUND);
    let groups: BTreeSet<_> = lines.iter().map(|line| line.group).collect();
    assert_eq!(groups.len(), OUTBOUND);
}

#[test]
fn who_answers_and_says_nothing_keeps_its_place_and_a_second_address_is_a_neighbour() {
    let now = Instant::now();
    let mut book = book(1, now);
    let list = Source::List(peer(1));
    for n in 10..40 {
        book.learn(list, at(&format!("203.{n}.0.1"), peer(n)), Scope::World, now);
        book.learn(list, at("45.0.0.1", peer(n)), Scope::World, now);
    }
    let mut dialled = 0;
    while let Some(pick) = book.pick(&[], now) {
        assert_eq!(pick.addresses.len(), 1, "an address elsewhere is another's");
        let connection = ConnectionId::new_unchecked(dialled);
        book.dialling(&pick.peer, connection);
        assert!(book.reached(connection));
        dialled += 1;
    }
    assert_eq!(dialled, OUTBOUND, "silent ones take no more places than talking ones");
}

#[test]
fn a_list_names_nobody_nearer_than_itself_and_none_that_cannot_be_judged() {
    let now = Instant::now();
    let mut book = book(1, now);
    let list = Source::List(peer(1));
    for ip in ["127.0.0.1", "10.0.0.1", "192.168.1.1", "169.254.0.1"] {
        book.learn(list, at(ip, peer(9)), Scope::World, now);
    }
    let circuit = format!("/ip4/203.0.113.1/tcp/1/p2p/{}/p2p-circuit/p2p/{}", peer(2), peer(9));
    for text in
        [circuit, format!("/dns4/a.example/tcp/1/p2p/{}", peer(9)), "/ip4/203.0.113.1/tcp/1".to_owned()]
    {
        book.learn(list, Address::read(&text).unwrap(), Scope::World, now);
    }
    book.learn(list, at("203.0.113.1", peer(0)), Scope::World, now);
    assert_eq!(book.pick(&[], now), None, "nothing of this is dialled, and not oneself");
    book.learn(list, at("127.0.0.1", peer(9)), Scope::Machine, now);
    assert!(book.pick(&[], now).is_some(), "a list on this machine may name it");
}

#[test]
fn who_does_not_answer_is_tried_less_and_less_and_then_forgotten() {
    let mut now = Instant::now();
    let mut book = book(1, now);
    book.learn(Source::Lan, at("203.0.113.1", peer(9)), Scope::Site, now);
    for dial in 0..TRIES {
        let pick = book.pick(&[], now).unwrap();
        let connection = ConnectionId::new_unchecked(dial as usize);
        book.dialling(&pick.peer, connection);
        assert_eq!(book.pick(&[], now), None, "dialled twice at once");
        assert!(book.failed(connection, now));
        assert_eq!(book.pick(&[], now), None, "no pause");
        now += FIRST_PAUSE * 2u32.pow(dial);
    }
    assert!(book.entries.is_empty());
}

#[test]
fn strangers_are_felt_for_while_all_lines_are_taken() {
    let now = Instant::now();
    let mut book = book(1, now);
    let list = Source::List(peer(1));
    (10..30).for_each(|n| book.learn(list, at(&format!("203.{n}.0.1"), peer(n)), Scope::World, now));
    let mut lines = Vec::new();
    fill(&mut book, &mut lines, now);
    assert_eq!(book.pick(&lines, now), None);
    let later = now + FEELER;
    let felt = book.pick(&lines, later).unwrap();
    book.dialling(&felt.peer, ConnectionId::new_unchecked(99));
    book.reached(ConnectionId::new_unchecked(99));
    assert!(book.met(&felt.peer), "it was only felt for, and can go");
    assert_eq!(book.pick(&lines, later), None, "one at a time");
    assert!(!lines.iter().any(|line| line.peer == felt.peer));
}

#[test]
fn one_source_fills_its_own_shelf_only() {
    let now = Instant::now();
    let mut book = book(1, now);
    let loud = Source::List(peer(1));
    for n in 0..5_000u64 {
        let ip = format!("{}.{}.{}.1", 1 + n % 9, n % 250, n / 250);
        book.learn(loud, at(&ip, peer(100 + n)), Scope::World, now);
    }
    assert_eq!(book.of(loud).len(), MOST_OF_ONE);
    book.learn(Source::List(peer(2)), at("203.0.113.1", peer(99)), Scope::World, now);
    for source in 3..20 {
        for n in 0..100 {
            let address = at(&format!("77.{source}.{n}.1"), peer(10_000 + source * 100 + n));
            book.learn(Source::List(peer(source)), address, Scope::World, now);
        }
    }
    assert!(book.entries.len() <= MOST);
    assert_eq!(book.of(Source::List(peer(2))).len(), 1, "the quiet list keeps its only name");
}

/// Sybils that came in by themselves, a thousand or more, are no lines: nobody dialled them. Half of all that was heard of
/// is theirs too; they own seven neighbourhoods.
#[test]
fn an_honest_line_is_kept_in_every_one_of_ten_thousand_seeds() {
    let now = Instant::now();
    let honest: BTreeSet<PeerId> = (1_000..1_064).map(peer).collect();
    let named: Vec<Address> =
        honest.iter().enumerate().map(|(n, peer)| at(&format!("81.{n}.0.1"), *peer)).collect();
    let sybils: Vec<Address> = (0..64).map(|n| at(&format!("45.{}.{n}.1", n % 7), peer(2_000 + n))).collect();
    for seed in 0..10_000 {
        let mut book = book(seed, now);
        let (good, bad) = (Source::List(peer(1)), Source::List(peer(2)));
        named.iter().for_each(|address| book.learn(good, address.clone(), Scope::World, now));
        sybils.iter().for_each(|address| book.learn(bad, address.clone(), Scope::World, now));
        let mut lines = Vec::new();
        fill(&mut book, &mut lines, now);
        assert!(lines.iter().any(|line| honest.contains(&line.peer)), "seed {seed}: only sybils");
    }
}

/// Who owns as many neighbourhoods as the honest can win every line by chance; then the peers of the last run hold.
#[test]
fn anchors_hold_against_whoever_owns_half_of_all_neighbourhoods() {
    let now = Instant::now();
    let anchors = [peer(1_000), peer(1_001)];
    let sybils: Vec<Address> = (0..128).map(|n| at(&format!("45.{n}.0.1"), peer(2_000 + n))).collect();
    for seed in 0..1_000 {
        let mut book = book(seed, now);
        sybils.iter().for_each(|sybil| book.learn(Source::List(peer(2)), sybil.clone(), Scope::World, now));
        for (n, anchor) in anchors.iter().enumerate() {
            book.learn(Source::Anchor, at(&format!("81.{n}.0.1"), *anchor), Scope::World, now);
        }
        let mut lines = Vec::new();
        fill(&mut book, &mut lines, now);
        assert!(anchors.iter().all(|anchor| lines.iter().any(|line| line.peer == *anchor)), "seed {seed}");
    }
}

#[test]
fn a_neighbourhood_is_named_by_what_its_addresses_share() {
    for (address, named) in [
        ("/ip4/203.0.113.7/tcp/1", Some("203.0")),
        ("/ip6/2001:db8:7::1/udp/1/quic-v1", Some("2001:0db8")),
        ("/ip4/127.0.0.1/tcp/1", None),
        ("/dns4/relay.example/tcp/1", None),
        ("nowhere", None),
    ] {
        assert_eq!(neighbourhood(address).as_deref(), named, "{address}");
    }
}
