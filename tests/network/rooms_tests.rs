//! The rooms themselves are tried first: whether each NAT is what it is called, whether counters count, whether lines
//! are cut and lose what they should. Small UDP sockets do it, one in each room.

use std::{
    collections::BTreeSet,
    net::{SocketAddr, UdpSocket},
    time::Duration,
};

use super::{
    cannot,
    count::{Seen, lost, seen, watch},
    nat::Nat,
    node::until,
    world::{Land, Site, World},
};

/// The port of all small sockets.
const PORT: u16 = 5000;
/// How long a datagram may take between two rooms of one machine. Source: wild guess; it takes microseconds.
const PATIENCE: Duration = Duration::from_secs(20);

fn socket(site: &Site, port: u16) -> UdpSocket {
    let socket = site.host.enter(|| UdpSocket::bind(("0.0.0.0", port))).expect("the port is free");
    socket.set_read_timeout(Some(PATIENCE)).expect("a socket has a time-out");
    socket
}

fn place(site: &Site) -> SocketAddr {
    (site.address, PORT).into()
}

fn send(socket: &UdpSocket, words: &str, to: SocketAddr) {
    socket.send_to(words.as_bytes(), to).expect("the datagram leaves");
}

fn receive(socket: &UdpSocket) -> (String, SocketAddr) {
    let mut buffer = [0; 64];
    let (length, from) = socket.recv_from(&mut buffer).expect("a datagram comes in time");
    (String::from_utf8_lossy(&buffer[..length]).into_owned(), from)
}

/// All that arrives before `last` does, which is sent when all else is at the edge of the site, or on the same way.
fn heard_before(socket: &UdpSocket, last: &str) -> BTreeSet<String> {
    let words = std::iter::repeat_with(|| receive(socket).0);
    words.take_while(|words| words != last).collect()
}

/// What outsiders find out about a NAT.
#[derive(Debug, PartialEq, Eq)]
struct Found {
    /// Two observers on two networks see the same port.
    same_port: bool,
    /// It is the port that the host chose.
    own_port: bool,
    /// A stranger comes in at the port that was seen.
    stranger: bool,
    /// So does somebody who was spoken to, from another port.
    other_port: bool,
    /// A stranger comes in at a port from which nothing was ever sent.
    never_opened: bool,
}

fn examine(nat: Nat) -> Found {
    let world = World::new();
    let inside = world.site("inside", Land::North, nat);
    let (near, far) = (world.public("near", Land::North), world.public("far", Land::South));
    let stranger = world.public("stranger", Land::South);
    let (host, unopened) = (socket(&inside, PORT), socket(&inside, PORT + 1));
    let (first, second, third) = (socket(&near, PORT), socket(&far, PORT), socket(&stranger, PORT));
    let beside = socket(&near, PORT + 1);

    let edge = inside.edge();
    watch(edge, "stranger", &stranger);
    watch(edge, "near", &near);
    send(&host, "hello", place(&near));
    send(&host, "hello", place(&far));
    let (seen_near, seen_far) = (receive(&first).1, receive(&second).1);
    assert_eq!((seen_near.ip(), seen_far.ip()), (inside.address.into(), inside.address.into()));

    send(&third, "stranger", seen_near);
    send(&beside, "other port", seen_near);
    send(&third, "never opened", (inside.address, PORT + 1).into());
    until("all to come to the edge", PATIENCE, || {
        (seen(edge, "stranger").from == 2 && seen(edge, "near").from == 1).then_some(())
    });
    send(&first, "answer", seen_near);
    let heard = heard_before(&host, "answer");
    // What came to the second socket came before the answer, or never.
    unopened.set_nonblocking(true).expect("a socket need not wait");
    Found {
        same_port: seen_near.port() == seen_far.port(),
        own_port: seen_near.port() == PORT,
        stranger: heard.contains("stranger"),
        other_port: heard.contains("other port"),
        never_opened: unopened.recv_from(&mut [0; 64]).is_ok(),
    }
}

#[test]
fn each_nat_is_what_it_is_called() {
    if cannot("what each NAT maps and filters") {
        return;
    }
    let open =
        Found { same_port: true, own_port: true, stranger: true, other_port: true, never_opened: true };
    assert_eq!(examine(Nat::None), open);
    assert_eq!(examine(Nat::FullCone), Found { never_opened: false, ..open });
    let closed = Found { stranger: false, other_port: false, never_opened: false, ..open };
    assert_eq!(examine(Nat::Restricted), closed);
    assert_eq!(examine(Nat::Symmetric), Found { same_port: false, own_port: false, ..closed });
}

/// Two hosts learn from a third where the other was seen, and both send there; who hears the other answers to where
/// that came from.
fn meet(left: &Site, right: &Site, third: &Site) -> bool {
    let (one, two, helper) = (socket(left, PORT), socket(right, PORT), socket(third, PORT));
    let seen_at = [&one, &two].map(|socket| {
        send(socket, "where am I seen?", place(third));
        receive(&helper).1
    });
    watch(left.edge(), "right", right);
    watch(right.edge(), "left", left);
    let sockets = [&one, &two];
    let mut sent = [0, 0];
    // Twice, as the first opens the way for the second.
    for _ in 0..2 {
        for side in [0, 1] {
            send(sockets[side], "through", seen_at[1 - side]);
            sent[side] += 1;
        }
    }
    let mut arrived = |round: &str| {
        until("all to come to the edges", PATIENCE, || {
            let come = [seen(right.edge(), "left").from, seen(left.edge(), "right").from];
            (come == sent).then_some(())
        });
        [0, 1].map(|side| {
            send(&helper, round, seen_at[side]);
            let before =
                std::iter::repeat_with(|| receive(sockets[side])).take_while(|(words, _)| words != round);
            let came: Vec<SocketAddr> = before.map(|(_, from)| from).collect();
            for from in &came {
                send(sockets[side], "back", *from);
                sent[side] += 1;
            }
            !came.is_empty()
        })
    };
    let (first, second) = (arrived("that was all"), arrived("that was all of it"));
    let [one, two] = [first[0] || second[0], first[1] || second[1]];
    assert_eq!(one, two, "either both come through, or none");
    one
}

#[test]
fn who_can_meet_whom_through_two_nats_is_as_foretold() {
    if cannot("which two NATs can be crossed") {
        return;
    }
    let world = World::new();
    let third = world.public("third", Land::South);
    for left in Nat::ALL {
        for right in Nat::ALL {
            // New routers for every pair: what one pair opened would help the next.
            let one = world.site("one", Land::North, left);
            let two = world.site("two", Land::South, right);
            assert_eq!(meet(&one, &two, &third), left.can_meet(right), "{left:?} and {right:?}");
        }
    }
}

#[test]
fn packets_are_counted_each_way_also_those_that_a_router_drops() {
    if cannot("whether packets are counted") {
        return;
    }
    let world = World::new();
    let other = world.public("other", Land::South);
    for nat in Nat::ALL {
        let site = world.site("site", Land::North, nat);
        watch(site.edge(), "other", &other);
        let (here, there) = (socket(&site, PORT), socket(&other, PORT));
        assert_eq!(seen(site.edge(), "other"), Seen::NOTHING);
        // Nobody was spoken to yet: all but a public address drop it, and it counts.
        send(&there, "too early", place(&site));
        send(&here, "one", place(&other));
        send(&here, "two", place(&other));
        let (_, from) = receive(&there);
        send(&there, "answer", from);
        heard_before(&here, "answer");
        assert_eq!(seen(site.edge(), "other"), Seen { from: 2, to: 2 }, "{nat:?}");
    }
}

#[test]
fn lines_are_cut_healed_moved_and_lose_what_they_should() {
    if cannot("whether lines can be cut") {
        return;
    }
    let world = World::new();
    let mut mover = world.site("mover", Land::North, Nat::Restricted);
    let (north, south) = (world.public("n", Land::North), world.public("s", Land::South));
    let host = socket(&mover, PORT);
    let (near, far) = (socket(&north, PORT), socket(&south, PORT));
    let hears_the_host = |words: &str| {
        send(&host, words, place(&north));
        receive(&near)
    };
    assert_eq!(hears_the_host("whole").1.ip(), mover.address);
    world.cut();
    send(&host, "cut", place(&south));
    assert_eq!(hears_the_host("a half").0, "a half", "each half is whole");
    world.heal();
    let before = mover.address;
    world.move_to(&mut mover, Land::South, Nat::Restricted);
    assert_ne!(mover.address, before);
    send(&host, "healed", place(&south));
    let (words, from) = receive(&far);
    assert_eq!((words.as_str(), from.ip()), ("healed", mover.address.into()), "what was cut off stayed so");

    south.lose(5);
    for _ in 0..2000 {
        send(&near, "perhaps", place(&south));
    }
    until("losses", PATIENCE, || (lost(&south) >= 40).then_some(()));
    let lost = lost(&south);
    // 100 are expected, and 60 more or fewer once in a thousand million runs (binomial, six times its deviation of 9.7).
    assert!((40..=160).contains(&lost), "{lost} of 2000 are lost");
}
