//! Attacks by way of gossip.

use bespeak_identity::Unverified;
use bespeak_model::{category::roots, intention::Intention};
use bespeak_protocol::market::{Verdict, topic_of};
use bespeak_tests::until;
use futures::future::join_all;
use sha2::{Digest, Sha256};

use super::super::{
    rogue::{Link, Rogue},
    wire,
    words::{self, Authors, Word, network, topic},
    world::World,
};

/// Wrong words said by one rogue. Source: a node parts after the second or third.
const AT_ONCE: usize = 5;

fn say(rogue: &Rogue, word: &Word) {
    rogue.say(&[wire::publish(&word.topic, &word.bytes)]);
}

fn names(words: &[Word]) -> String {
    words.iter().map(|word| word.name.as_str()).collect::<Vec<_>>().join("; ")
}

/// Everybody parts with whoever says what is provably wrong, for good.
pub(crate) async fn wrong(world: &mut World) {
    let all = words::all(&mut Authors::of_round(1));
    let wrong: Vec<Word> = all.into_iter().filter(|word| word.verdict == Verdict::Reject).collect();
    for (target, address) in world.targets() {
        for some in wrong.chunks(AT_ONCE) {
            let mut rogue = Rogue::meet(&address).await;
            some.iter().for_each(|word| say(&rogue, word));
            rogue.is_cut_off(&format!("{target} {}", names(some))).await;
        }
        let mut rogue = Rogue::meet(&address).await;
        wrong[..AT_ONCE].iter().rev().for_each(|word| say(&rogue, &again(word)));
        rogue.is_cut_off("the same in other words").await;
        assert!(!rogue.is_let_in_again(&address).await, "{target} lets it in again");
        world.is_well(target);
    }
}

/// As wrong as before, but never heard before.
fn again(word: &Word) -> Word {
    Word { bytes: [word.bytes.clone(), b"again".to_vec()].concat(), ..word.clone() }
}

/// Nobody parts with whoever knows more, or has another time; what is new is kept byte for byte.
pub(crate) async fn strange(world: &mut World) {
    let mut authors = Authors::of_round(2);
    for (target, address) in world.targets() {
        let rogue = Rogue::meet(&address).await;
        let strange = words::all(&mut authors);
        for word in strange.iter().filter(|word| word.verdict != Verdict::Reject) {
            say(&rogue, word);
        }
        for word in strange.iter().filter(|word| word.verdict == Verdict::Accept) {
            is_heard_whole(world, word).await;
        }
        // What comes last was said after all the rest, and is heard from the same peer.
        let last = authors.next();
        rogue.say(&[wire::publish(&topic(), &last.honest())]);
        world.heard(last.id()).await;
        assert_eq!(rogue.link(), Link::Up, "{target} parted with an honest peer");
        world.is_well(target);
    }
}

/// The vendor has the intention of a word, if there is one in it, with all its bytes.
async fn is_heard_whole(world: &World, word: &Word) {
    let record = words::record_of(&word.bytes);
    let Ok(read) = Unverified::<Intention>::from_bytes(record.clone()) else { return };
    world.heard(read.id()).await;
    let kept = world.vendor.record(&read.id().to_string()).await;
    assert_eq!(kept, Some(record), "{}", word.name);
}

/// Cut and bent messages, many at once; whoever sends them is cut off.
pub(crate) async fn damaged(world: &mut World) {
    let author = Authors::of_round(3).next();
    let mut damaged: Vec<Vec<u8>> = words::cuts(&author).into_iter().map(|word| word.bytes).collect();
    damaged.extend(words::bent(&author).into_iter().step_by(37));
    for (target, address) in world.targets() {
        for some in damaged.chunks(100) {
            let mut rogue = Rogue::meet(&address).await;
            some.iter().for_each(|bytes| rogue.say(&[wire::publish(&topic(), bytes)]));
            rogue.is_cut_off("damaged messages").await;
        }
        world.is_well(target);
    }
}

/// Topics that nobody follows.
fn unknown_topics() -> impl Iterator<Item = String> {
    (0..10_000).map(|n| format!("/bespeak/1/hostile/made-up-{n}"))
}

fn false_ids(count: u32) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(|n| Sha256::digest(n.to_be_bytes()).to_vec())
}

/// As `bespeak-net` names messages: by topic and bytes.
fn id_of(topic: &str, bytes: &[u8]) -> Vec<u8> {
    let length = (topic.len() as u64).to_be_bytes();
    Sha256::new().chain_update(length).chain_update(topic).chain_update(bytes).finalize().to_vec()
}

/// Follows topics nobody has, wants into their meshes.
async fn unknown(address: &str) -> Rogue {
    let rogue = Rogue::meet(address).await;
    let topics: Vec<String> = unknown_topics().collect();
    for some in topics.chunks(500) {
        rogue.say(&some.iter().map(|topic| wire::subscribe(topic)).collect::<Vec<_>>());
        rogue.say(&[wire::graft(some.iter().cloned())]);
    }
    rogue
}

/// Has messages that do not exist, wants some again and again, wants none.
async fn ids(address: &str, authors: &mut Authors) -> Rogue {
    let rogue = Rogue::meet(address).await;
    for root in roots() {
        let topic = topic_of(&network(), &root);
        rogue.say(&[wire::subscribe(&topic), wire::graft([topic.clone()].into_iter())]);
        let ids: Vec<Vec<u8>> = false_ids(5000).collect();
        ids.chunks(1000).for_each(|some| rogue.say(&[wire::ihave(&topic, some.iter().cloned())]));
    }
    let honest = authors.next().honest();
    rogue.say(&[wire::publish(&topic(), &honest)]);
    for _ in 0..1000 {
        rogue.say(&[wire::iwant([id_of(&topic(), &honest)].into_iter().chain(false_ids(5)))]);
    }
    rogue.say(&[wire::idontwant(false_ids(1000))]);
    for _ in 0..100 {
        rogue.say(&[wire::prune(&topic()), wire::graft([topic()].into_iter())]);
    }
    rogue
}

/// No gossip at all.
async fn noise(address: &str) -> Vec<Rogue> {
    let noises = [
        vec![0xff; 64 * 1024],
        vec![0; 64 * 1024],
        // A frame of 1 MiB announced, then 256 KiB of it.
        [vec![0x80, 0x80, 0x40], vec![0x12; 256 * 1024]].concat(),
        wire::frame(&[vec![0x0a; 1000]]),
        wire::frame(&[wire::ihave("", false_ids(1000)), vec![0x07]]),
        wire::frame(&(0..2000).map(|_| wire::publish("", &[])).collect::<Vec<_>>()),
    ];
    let mut rogues = Vec::new();
    for noise in noises {
        let rogue = Rogue::meet(address).await;
        rogue.shout(noise);
        rogues.push(rogue);
    }
    rogues
}

/// Floods of everything that is no message; trade goes on meanwhile.
pub(crate) async fn floods(world: &mut World) {
    let mut authors = Authors::of_round(4);
    for (target, address) in world.targets() {
        let _unknown = unknown(&address).await;
        let _ids = ids(&address, &mut authors).await;
        let _noise = noise(&address).await;
        world.trades(&format!("while {target} is flooded")).await;
    }
}

/// What a message may say of its sender, and ours never do.
#[derive(Clone, Copy, Debug)]
struct Said {
    author: bool,
    number: bool,
    signature: bool,
}

/// Messages that name their author, number or signature end the acquaintance, and are heard by nobody.
pub(crate) async fn authored(world: &mut World) {
    let mut authors = Authors::of_round(5);
    let before = world.vendor.status().await.intentions_live;
    let mut sayings = Vec::new();
    for (target, address) in world.targets() {
        for (author, number, signature) in
            [(true, true, true), (true, false, false), (false, true, false), (false, false, true)]
        {
            let honest = (0..10).map(|_| authors.next().honest()).collect();
            sayings.push(names_itself(target, address.clone(), honest, Said { author, number, signature }));
        }
    }
    // Nobody waits for the other: each is cut off when the host next looks, seconds later.
    join_all(sayings).await;
    let after = world.vendor.status().await.intentions_live;
    assert_eq!(after, before, "nothing of it was heard");
}

async fn names_itself(target: &str, address: String, honest: Vec<Vec<u8>>, said: Said) {
    let mut rogue = Rogue::meet(&address).await;
    let someone = Authors::of_round(6).next().wish().iss;
    let peer = [&[0, 36, 8, 1, 18, 32], someone.as_bytes().as_slice()].concat();
    for (number, bytes) in (0_u64..).zip(honest) {
        let number = number.to_be_bytes();
        let author = said.author.then_some(peer.as_slice());
        let number = said.number.then_some(number.as_slice());
        rogue.say(&[wire::publish_with(&topic(), &bytes, author, number, said.signature)]);
    }
    rogue.is_cut_off(&format!("{target} messages with {said:?}")).await;
}

/// Everything at once, to everybody, for whoever measures what is left behind; new words in each round.
pub(crate) async fn everything(world: &mut World, round: u64) {
    let mut authors = Authors::of_round(100 + round);
    let attacks: Vec<_> = world
        .targets()
        .into_iter()
        .map(|(_, address)| says_everything(address, words::all(&mut authors)))
        .collect();
    join_all(attacks).await;
    until("the crowd has gone", || async { (world.relay.peer_count() <= 2).then_some(()) }).await;
}

async fn says_everything(address: String, words: Vec<Word>) {
    let mut rogue = Rogue::meet(&address).await;
    let (wrong, strange): (Vec<_>, Vec<_>) =
        words.into_iter().partition(|word| word.verdict == Verdict::Reject);
    // Nothing that is kept: memory that honest messages take is not what is measured.
    strange.iter().filter(|word| word.verdict == Verdict::Ignore).for_each(|word| say(&rogue, word));
    wrong.iter().for_each(|word| say(&rogue, word));
    rogue.is_cut_off("everything").await;
    let crowd = (unknown(&address).await, noise(&address).await);
    drop(crowd);
}
