//! Attacks by whoever is asked what was said before.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use bespeak_protocol::market::{
    Announcement, Digest, Verdict,
    catch_up::{
        CatchUpReply, CatchUpRequest,
        limits::{MAX_FETCHES, MAX_MISSING, MAX_REPLY, MAX_ROUNDS},
    },
    topics,
};
use bespeak_tests::{PATIENCE, until};
use futures::future::join_all;
use libp2p::identity::Keypair;
use serde_bytes::ByteBuf;
use sha2::{Digest as _, Sha256};
use tokio::{
    sync::mpsc,
    time::{Instant, timeout},
};

use super::{
    super::{
        past::{compared, differs, memory, named, remembers, sent},
        rogue::{Link, Rogue},
        wire,
        words::{self, Authors, Word, network, topic},
        world::World,
    },
    memory::{grew_little, resident},
};

type Questions = mpsc::UnboundedReceiver<CatchUpRequest>;

/// What a million names may leave in memory, in bytes. Source: wild guess; half of what they would take.
const MAY_GROW: u64 = 16 * 1024 * 1024;
/// Topics during which memory is watched. Source: wild guess.
const WATCHED: usize = 5;
/// How long one meeting lasts when many follow each other. Source: wild guess; a question and its answer take
/// milliseconds.
const MEETING: Duration = Duration::from_millis(300);

/// Those who keep the market, and so ask.
fn keepers(world: &World) -> Vec<(&'static str, String)> {
    world.targets().into_iter().filter(|(target, _)| *target != "the customer").collect()
}

async fn stranger(
    address: &str,
    answer: impl FnMut(&CatchUpRequest) -> Option<Vec<u8>> + Send + 'static,
) -> (Rogue, Questions) {
    let (memory, questions) = memory(answer);
    let rogue = Rogue::remembering(&Keypair::generate_ed25519(), address, memory).await;
    (rogue.expect("a stranger is let in"), questions)
}

async fn next(questions: &mut Questions) -> CatchUpRequest {
    let question = timeout(PATIENCE, questions.recv()).await.expect("it is asked");
    question.expect("the rogue lives")
}

/// The questions until the last topic has been asked about, and of that so many.
async fn all(questions: &mut Questions, of_the_last: usize) -> Vec<CatchUpRequest> {
    let last = topics(&network()).pop().expect("there are topics");
    let (mut all, mut many) = (Vec::new(), 0);
    while many < of_the_last {
        let question = next(questions).await;
        many += usize::from(question.topic() == last);
        all.push(question);
    }
    all
}

/// All that a stranger is asked. One after the other is: when the next comes to it, the one before has been asked
/// everything.
async fn session(address: &str, questions: &mut Questions) -> Vec<CatchUpRequest> {
    let mut all = vec![next(questions).await];
    let (_after, mut others) = stranger(address, |question| Some(nothing(question))).await;
    next(&mut others).await;
    while let Ok(question) = questions.try_recv() {
        all.push(question);
    }
    all
}

fn nothing(question: &CatchUpRequest) -> Vec<u8> {
    match question {
        CatchUpRequest::Compare { .. } => compared(&[]),
        CatchUpRequest::Fetch { .. } => sent(Vec::new(), 0),
    }
}

/// Another difference at each comparison.
pub(crate) async fn endless(world: &mut World) {
    for (target, address) in keepers(world) {
        let mut round = 0;
        let answer = move |_: &CatchUpRequest| {
            round += 1;
            Some(compared(&differs(round)))
        };
        let (rogue, mut questions) = stranger(&address, answer).await;
        world.trades(&format!("while {target} compares without end")).await;
        let mut by_topic = BTreeMap::new();
        for question in all(&mut questions, MAX_ROUNDS).await {
            assert!(matches!(question, CatchUpRequest::Compare { .. }), "nothing was named");
            *by_topic.entry(question.topic().to_owned()).or_insert(0) += 1;
        }
        assert_eq!(by_topic.len(), topics(&network()).len());
        assert!(by_topic.values().all(|rounds| *rounds == MAX_ROUNDS), "{target}: {by_topic:?}");
        assert_eq!(rogue.link(), Link::Up, "{target} cannot know that it was no honest difference");
        world.is_well(target);
    }
}

/// A name that nothing has.
fn made_up(number: u64) -> Digest {
    Sha256::digest(number.to_be_bytes()).into()
}

/// More names than anybody can have, a message full each time, and nothing behind them; then a million in one message.
pub(crate) async fn crowds(world: &mut World) {
    const AT_ONCE: u64 = 1_400;
    for (target, address) in keepers(world) {
        let mut round = 0;
        let answer = move |question: &CatchUpRequest| match question {
            CatchUpRequest::Compare { .. } => {
                round += 1;
                let names: Vec<Digest> = (round * AT_ONCE..(round + 1) * AT_ONCE).map(made_up).collect();
                Some(compared(&[named(&names, false), differs(round)].concat()))
            }
            CatchUpRequest::Fetch { .. } => Some(sent(Vec::new(), 0)),
        };
        let (rogue, mut questions) = stranger(&address, answer).await;
        world.trades(&format!("while {target} is told of a million intentions")).await;
        let mut topics = topics(&network()).into_iter();
        let mut fetched_of = async |topic: Option<String>| {
            let (mut fetched, mut fetches) = (0, 0);
            loop {
                match next(&mut questions).await {
                    question if Some(question.topic()) != topic.as_deref() => return (fetched, fetches),
                    CatchUpRequest::Fetch { digests, .. } => {
                        (fetched, fetches) = (fetched + digests.len(), fetches + 1);
                    }
                    CatchUpRequest::Compare { .. } => {}
                }
            }
        };
        // The first fills what caches and pools there are; the others leave nothing.
        let (fetched, fetches) = fetched_of(topics.next()).await;
        assert_eq!(fetched, MAX_MISSING, "{target}");
        assert!(fetches <= MAX_FETCHES, "{target}: {fetches}");
        let before = resident();
        for topic in topics.take(WATCHED) {
            assert_eq!(fetched_of(Some(topic)).await.0, MAX_MISSING, "{target}");
        }
        grew_little(&format!("after {target} was told of made-up names"), before, MAY_GROW);
        assert_eq!(rogue.link(), Link::Up);
        drop(rogue);
        let million: Vec<u8> =
            (0..1_000_000).flat_map(|number: u64| number.to_be_bytes().repeat(4)).collect();
        assert!(million.len() > MAX_REPLY);
        let (_rogue, mut questions) = stranger(&address, move |_| Some(million.clone())).await;
        next(&mut questions).await;
        world.trades(&format!("after {target} was told of them in one message")).await;
    }
}

fn with_names(words: Vec<Word>, verdict: Verdict) -> Vec<Word> {
    let fits = |word: &Word| word.verdict == verdict && Announcement::digest_of(&word.bytes).is_some();
    words.into_iter().filter(fits).collect()
}

/// Records that are provably wrong, of another topic among them, end the acquaintance; what may be honest does not, and is
/// not asked for a second time.
pub(crate) async fn garbage(world: &mut World) {
    let mut authors = Authors::of_round(31);
    for (target, address) in keepers(world) {
        let wrong = with_names(words::all(&mut authors), Verdict::Reject);
        let names: BTreeSet<_> = wrong.iter().map(|word| Announcement::digest_of(&word.bytes)).collect();
        assert!(wrong.iter().any(|word| word.topic != topic()) && names.len() >= 5, "{}", names.len());
        let (mut rogue, _questions) = stranger(&address, remembers(wrong)).await;
        rogue.is_cut_off(&format!("{target} wrong records of before")).await;
        assert!(!rogue.is_let_in_again(&address).await, "{target} lets it in again");

        // Too early, too late, of another version: so may a node with another clock.
        let strange = with_names(words::all(&mut authors), Verdict::Ignore);
        assert!(strange.len() >= 2, "an intention of the day after tomorrow, an expired one");
        let (first, mut questions) = stranger(&address, remembers(strange.clone())).await;
        assert_eq!(fetched(&session(&address, &mut questions).await), strange.len(), "{target}");
        let (second, mut questions) = stranger(&address, remembers(strange)).await;
        assert_eq!(fetched(&session(&address, &mut questions).await), 0, "{target} asks for it again");
        assert_eq!((first.link(), second.link()), (Link::Up, Link::Up), "{target}");
        world.is_well(target);
    }
}

fn fetched(questions: &[CatchUpRequest]) -> usize {
    let many = |question: &CatchUpRequest| match question {
        CatchUpRequest::Fetch { digests, .. } => digests.len(),
        CatchUpRequest::Compare { .. } => 0,
    };
    questions.iter().map(many).sum()
}

/// Answers that do not fit the question, from one who comes again and again.
pub(crate) async fn unfit(world: &mut World) {
    let other = Authors::of_round(32).next().honest();
    let unasked = move |question: &CatchUpRequest| match question {
        CatchUpRequest::Compare { .. } => Some(compared(&named(&[made_up(1)], true))),
        CatchUpRequest::Fetch { .. } => Some(sent(vec![other.clone()], 0)),
    };
    let no_ranges = |_: &CatchUpRequest| {
        // A kind of range that there is not.
        let ranges = ByteBuf::from(vec![0x61, 0, 0, 3]);
        CatchUpReply::Compared { ranges }.to_bytes().ok()
    };
    for (target, address) in keepers(world) {
        ends(&address, &format!("{target} what it did not ask for"), unasked.clone()).await;
        ends(&address, &format!("{target} no ranges"), no_ranges).await;
        ends(&address, &format!("{target} no answer"), |_| Some(b"nonsense".to_vec())).await;
        world.is_well(target);
    }
    // Whoever comes as often with honest answers is let in.
    let key = Keypair::generate_ed25519();
    for (target, address) in keepers(world) {
        for _ in 0..10 {
            let (memory, mut questions) = memory(|question| Some(nothing(question)));
            let rogue = Rogue::remembering(&key, &address, memory).await;
            let rogue = rogue.unwrap_or_else(|| panic!("{target} parted with an honest peer"));
            // It may not have noticed that the one before is gone; then this one is not asked.
            let _ = timeout(MEETING, questions.recv()).await;
            assert_eq!(rogue.link(), Link::Up);
        }
    }
}

/// Meets a host under one name until it does not let it in.
async fn ends<A>(address: &str, why: &str, answer: A)
where
    A: FnMut(&CatchUpRequest) -> Option<Vec<u8>> + Clone + Send + 'static,
{
    let (key, begun) = (Keypair::generate_ed25519(), Instant::now());
    loop {
        let (memory, _questions) = memory(answer.clone());
        let Some(mut rogue) = Rogue::remembering(&key, address, memory).await else { return };
        if timeout(MEETING, rogue.is_cut_off(why)).await.is_ok() && !rogue.is_let_in_again(address).await {
            return;
        }
        assert!(begun.elapsed() < PATIENCE, "still let in: one who sends {why}");
    }
}

/// One who tells of what was withdrawn brings nothing back.
pub(crate) async fn ghosts(world: &mut World) {
    let author = Authors::of_round(33).next();
    let relay = keepers(world).remove(0).1;
    let gossip = Rogue::meet(&relay).await;
    gossip.say(&[wire::publish(&topic(), &author.honest())]);
    world.heard(author.id()).await;
    gossip.say(&[wire::publish(&topic(), &author.taken_back())]);
    let lives = async |world: &World| {
        world.vendor.inbox().await.iter().any(|view| view.intention == author.id() && view.state == "heard")
    };
    until("it is withdrawn", || async { (!lives(world).await).then_some(()) }).await;
    for (target, address) in keepers(world) {
        let ghost = || Word {
            name: "a ghost".to_owned(),
            topic: topic(),
            bytes: author.honest(),
            verdict: Verdict::Ignore,
        };
        // A host that is busy with another peer may leave a stranger unasked.
        let rogue = until(&format!("{target} asks for the ghost"), || async {
            let (rogue, mut questions) = stranger(&address, remembers(vec![ghost()])).await;
            (fetched(&session(&address, &mut questions).await) == 1).then_some(rogue)
        })
        .await;
        assert_eq!(rogue.link(), Link::Up);
        // What is heard later was judged later.
        let marker = Authors::of_round(34 + u64::from(target == "the vendor")).next();
        gossip.say(&[wire::publish(&topic(), &marker.honest())]);
        world.heard(marker.id()).await;
        assert!(!lives(world).await, "{target} brought it back");
    }
}

/// One who never answers; somebody else is asked after it.
pub(crate) async fn silence(world: &mut World) {
    let waits = keepers(world).into_iter().map(|(target, address)| async move {
        let (silent, mut questions) = stranger(&address, |_| None).await;
        next(&mut questions).await;
        let (_other, mut questions) = stranger(&address, |question| Some(nothing(question))).await;
        all(&mut questions, 1).await;
        assert_eq!(silent.link(), Link::Up, "{target}: whoever is slow is no offender");
    });
    let waits = tokio::spawn(join_all(waits.collect::<Vec<_>>()));
    world.trades("while somebody never answers").await;
    waits.await.expect("others are asked");
}
