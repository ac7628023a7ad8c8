//! A hostile peer, speaking real libp2p, against live nodes: no panic, no growth, an answer at any time; it is cut off
//! where it is provably wrong and only there, and honest trade goes on.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "hostile/attacks.rs"]
mod attacks;
#[path = "hostile/forge.rs"]
mod forge;
#[path = "hostile/past.rs"]
mod past;
#[path = "hostile/requests.rs"]
mod requests;
#[path = "hostile/rogue.rs"]
mod rogue;
#[path = "hostile/wire.rs"]
mod wire;
#[path = "hostile/words.rs"]
mod words;
#[path = "hostile/world.rs"]
mod world;

use bespeak_protocol::market::{Gate, Verdict};
use tokio::sync::Mutex;
use words::{Author, Authors, network, now, topic};
use world::World;

/// Panics and memory are counted for the whole process: one attack at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

#[test]
fn each_word_is_judged_as_it_must_be() {
    let _alone = ALONE.blocking_lock();
    let judged = |word: &words::Word| Gate::new(network()).judge(&word.topic, &word.bytes, now());
    let misjudged: Vec<_> = words::all(&mut Authors::of_round(0))
        .into_iter()
        .map(|word| (judged(&word), word.verdict, word.name))
        .filter(|(judged, verdict, _)| judged != verdict)
        .collect();
    assert!(misjudged.is_empty(), "as judged, as right: {misjudged:?}");
}

#[test]
fn a_word_cut_anywhere_is_wrong() {
    let _alone = ALONE.blocking_lock();
    let mut gate = Gate::new(network());
    for word in words::cuts(&Author::new(1)) {
        assert_eq!(gate.judge(&word.topic, &word.bytes, now()), word.verdict, "{}", word.name);
    }
}

#[test]
fn a_word_with_any_bit_turned_is_not_forwarded() {
    let _alone = ALONE.blocking_lock();
    let mut gate = Gate::new(network());
    for bent in words::bent(&Author::new(1)) {
        assert_ne!(gate.judge(&topic(), &bent, now()), Verdict::Accept);
    }
    assert_eq!(gate.judge(&topic(), &Author::new(1).honest(), now()), Verdict::Accept);
}

#[test]
fn an_intention_on_two_topics_counts_once() {
    let _alone = ALONE.blocking_lock();
    let (mut gate, author) = (Gate::new(network()), Author::new(1));
    assert_eq!(gate.judge("/bespeak/1/hostile/furniture", &author.honest(), now()), Verdict::Reject);
    assert_eq!(gate.judge(&topic(), &author.honest(), now()), Verdict::Accept);
    assert_eq!(gate.judge(&topic(), &author.honest(), now()), Verdict::Ignore);
}

/// One test after another, each in a market of its own.
macro_rules! against_live_nodes {
    ($($name:ident: $attack:path),* $(,)?) => {$(
        #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            let _alone = ALONE.lock().await;
            let mut world = World::open().await;
            $attack(&mut world).await;
            world.trades("after the attack").await;
            world.close().await;
        }
    )*};
}

against_live_nodes! {
    what_is_provably_wrong_ends_the_acquaintance: attacks::gossip::wrong,
    what_may_be_honest_is_held_against_nobody: attacks::gossip::strange,
    cuts_and_turned_bits_reach_live_nodes: attacks::gossip::damaged,
    floods_of_control_leave_no_trace: attacks::gossip::floods,
    messages_with_an_author_are_never_heard: attacks::gossip::authored,
    malformed_requests_end_the_acquaintance: attacks::drops::malformed,
    requests_of_later_versions_are_refused: attacks::drops::unknown,
    requests_that_break_or_crawl_hold_up_nobody: attacks::drops::broken,
    queues_open_for_their_owners_alone: attacks::drops::strangers,
    a_queue_takes_what_it_may_and_no_more: attacks::drops::quota,
    junk_in_ones_queue_is_thrown_away: attacks::drops::junk,
    three_hundred_parked_requests_hold_up_nobody: attacks::drops::parked,
    memory_does_not_grow: attacks::memory::rounds,
    a_comparison_without_end_ends: attacks::past::endless,
    a_million_names_are_not_fetched: attacks::past::crowds,
    records_of_before_are_judged_like_any_other: attacks::past::garbage,
    answers_to_other_questions_end_the_acquaintance: attacks::past::unfit,
    what_was_withdrawn_does_not_come_back: attacks::past::ghosts,
    whoever_never_answers_holds_up_nobody: attacks::past::silence,
}
