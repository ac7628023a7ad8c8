//! What arrives, and what a crash leaves: 1 to 5, 9, 10, 29, 34.

use bespeak_agent::{
    Input,
    command::{Command, CustomerCommand, EitherCommand, VendorCommand},
};
use bespeak_identity::{RecordId, Side};
use bespeak_model::{fulfilment::FulfilmentKind, order::Order, reason::RefusalCode, time::Time};
use bespeak_protocol::{
    channel::limits::MAX_PARKED,
    drop::{DropReply, DropRequest, Errand, Proof, limits::MAX_QUEUE_ITEMS},
};
use bespeak_sim::{
    goods::text, law::everything_arrives, mailbox::Mailbox, plan::Links, weather::Place, world::Point,
};

use crate::stage::{A_DAY, A_MINUTE, CUSTOMER, Stage, VENDOR};

/// A whole trade, each step tried until its node is up and grants it.
pub(crate) fn trade(stage: &mut Stage) -> RecordId<Order> {
    let intention = loop {
        if stage.agent_is_up(CUSTOMER) {
            let wish = stage.wish();
            stage.try_ask(CUSTOMER, wish);
        }
        stage.wait(2 * A_MINUTE);
        let now = stage.world.people[CUSTOMER].now(stage.world.clock());
        let cast = stage.world.people[CUSTOMER].agent.as_ref().and_then(|agent| agent.intentions(now).pop());
        if let Some(view) = cast {
            break view.intention;
        }
    };
    // The market is no storage: what a vendor missed while it was down it hears when it is told again.
    while stage.agent(VENDOR).wish(intention).is_none() {
        stage.restart(CUSTOMER);
        stage.wait(2 * A_MINUTE);
    }
    stage.until(
        VENDOR,
        |agent| !agent.conversations().is_empty(),
        |stage| {
            let draft = stage.draft(VENDOR, intention, 5_000);
            Command::Vendor(VendorCommand::Offer(Box::new(draft)))
        },
    );
    stage.until(
        CUSTOMER,
        |agent| !agent.orders().is_empty(),
        |stage| {
            let offer = stage.offers(CUSTOMER)[0].offer;
            let placement = stage.world.people[CUSTOMER].placement.clone();
            Command::Customer(CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement })
        },
    );
    let order = stage.agent(CUSTOMER).orders()[0].order;
    let all = |steps| (steps, FulfilmentKind::Delivered);
    stage.do_until(VENDOR, order, |view| view.phase == "accepted", VendorCommand::AcceptOrder { order });
    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    let ask = VendorCommand::RequestPayment { order, instructions };
    stage.do_until(VENDOR, order, |view| view.payment == "requested", ask);
    stage.until(
        CUSTOMER,
        |agent| agent.orders()[0].payment == "sent",
        |_| Command::Customer(CustomerCommand::Paid { order, proof: None }),
    );
    let received = VendorCommand::PaymentReceived { order, amount: None };
    stage.do_until(VENDOR, order, |view| view.payment == "received", received);
    for (steps, event) in [all(1), all(2)] {
        let lines = vec![bespeak_model::fulfilment::LineSteps { line: 0, steps: 1 }];
        let fulfil = VendorCommand::Fulfil { order, lines, event, note: None };
        stage.do_until(VENDOR, order, |view| view.lines[0].fulfilled >= steps, fulfil);
    }
    stage.until(
        CUSTOMER,
        |agent| agent.orders()[0].phase == "completed",
        |_| Command::Either(EitherCommand::Complete { order }),
    );
    stage.until_seen(CUSTOMER, |agent| agent.receipts().len() == 1);
    stage.until_seen(VENDOR, |agent| agent.receipts().len() == 1);
    order
}

pub(crate) fn ends_well(stage: &mut Stage, order: RecordId<Order>, how: &str) {
    let expected = ("completed".to_owned(), "received".to_owned(), vec![(2, 2)], true);
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(stage.state(who, order), expected, "{how}");
        let agent = stage.agent(who);
        assert_eq!((agent.orders().len(), agent.receipts().len()), (1, 1), "one order, one receipt: {how}");
        assert!(agent.receipts()[0].verified, "{how}");
    }
    everything_arrives(&stage.world, &mut bespeak_sim::tally::Tally::default()).unwrap();
}

#[test]
fn case_01_a_vendor_that_is_down_when_the_order_comes_finds_it_when_it_is_back() {
    let mut stage = Stage::new(1);
    let intention = stage.want("2");
    let offer = stage.offer(VENDOR, intention, 5_000);
    stage.world.take_down(VENDOR).unwrap();
    let (order, _) = stage.accept_now(offer);
    stage.restart(CUSTOMER);
    stage.wait(A_DAY);
    stage.restart(CUSTOMER);
    stage.world.rise(VENDOR).unwrap();
    stage.wait(A_DAY);
    assert_eq!(stage.order(VENDOR, order).phase, "placed");
    assert_eq!(stage.agent(VENDOR).orders().len(), 1);
}

/// The node goes down over each input of a whole trade, at each of the three points of the step, and comes back.
#[test]
fn case_01_02_a_crash_at_any_point_of_any_step_changes_nothing() {
    let mut calm = Stage::new(1);
    let order = trade(&mut calm);
    ends_well(&mut calm, order, "without a crash");
    let inputs = calm.world.fed;
    assert!(inputs > 30, "a trade takes {inputs} inputs");
    for point in [Point::BeforeKeep, Point::AfterKeep, Point::MidSend] {
        for at in 1..=inputs {
            let mut stage = Stage::new(1);
            stage.world.crash_at = Some((at, point));
            let order = trade(&mut stage);
            ends_well(&mut stage, order, &format!("{point:?} of input {at}"));
        }
    }
}

#[test]
fn case_02_mail_stays_at_the_host_until_what_was_in_it_is_kept() {
    let mut stage = Stage::new(1);
    let intention = stage.want("2");
    let draft = stage.draft(VENDOR, intention, 5_000);
    stage.offer_now(VENDOR, draft);
    // The next input is the offer's arrival at the customer, or the vendor's report; both go down before they keep.
    stage.world.crash_at = Some((stage.world.fed + 1, Point::BeforeKeep));
    stage.wait(A_DAY);
    assert_eq!(stage.world.tally.of("crash"), 1);
    assert_eq!(stage.offers(CUSTOMER).len(), 1, "the host still had it");
}

#[test]
fn case_03_everything_twice_has_its_effect_once() {
    let links = Links { doubled: 1000, ..Links::FAIR };
    let mut stage = Stage::with(1, links);
    let order = trade(&mut stage);
    ends_well(&mut stage, order, "every message doubled");
}

#[test]
fn case_03_a_known_message_is_acknowledged_again() {
    let mut stage = Stage::new(1);
    let (_, thread) = stage.placed();
    // Nothing of the customer's reaches the vendor's node for a while: it repeats what she has long kept.
    stage.part();
    stage.say(VENDOR, thread, "In stock.");
    stage.wait(10 * A_MINUTE);
    stage.join();
    let inside = stage.agent(VENDOR).conversation(thread).unwrap();
    assert_eq!((inside.confirmed, inside.waiting), (inside.log.head(Side::Vendor), false));
    assert_eq!(stage.agent(CUSTOMER).messages(thread).unwrap().len(), 1);
}

/// Two devices with one seed and one past: both sign for the same place.
#[test]
fn case_04_of_two_messages_for_one_place_the_first_wins_and_the_other_is_evidence() {
    let mut stage = Stage::new(1);
    let (_, thread) = stage.placed();
    let (mut twin, now) = stage.twin(CUSTOMER);
    stage.say(CUSTOMER, thread, "I come on Monday.");
    let words = Command::Either(EitherCommand::Say { thread, text: text("I come on Tuesday.") });
    let out = twin.handle(Input::Command(words), now);
    stage.wait(A_MINUTE);
    let before: Vec<_> = stage.agent(VENDOR).messages(thread).unwrap();
    for post in out.send {
        let input = Input::Mail { queue: post.drops[0].queue, envelope: post.envelope };
        let _ = stage.world.feed(VENDOR, input).unwrap();
    }
    assert_eq!(stage.agent(VENDOR).messages(thread).unwrap(), before, "the first one counts");
    assert_eq!(before[0].text, "I come on Monday.");
    let inside = stage.agent(VENDOR).conversation(thread).unwrap();
    // The two ratchets are one as well: an envelope of the twin may not open at all, and then there is no evidence.
    assert_eq!(inside.log.evidence().count() as u64, stage.world.tally.of("told: conflict seen"));
}

#[test]
fn case_05_words_that_overtake_each_other_are_read_in_order() {
    let links = Links { lost: 200, latest: 90_000, ..Links::FAIR };
    let mut stage = Stage::new(1);
    let (_, thread) = stage.placed();
    stage.world.weather.links = links;
    for number in 0..MAX_PARKED {
        let who = if number % 3 == 0 { VENDOR } else { CUSTOMER };
        stage.say(who, thread, &format!("number {number}"));
        stage.wait(1_000);
    }
    stage.world.weather.links = Links::FAIR;
    stage.wait(A_DAY);
    let texts = |who| -> Vec<_> {
        let all = stage.agent(who).messages(thread).unwrap();
        all.into_iter().map(|line| line.text).collect()
    };
    assert_eq!(texts(CUSTOMER), texts(VENDOR));
    assert_eq!(texts(CUSTOMER).len(), MAX_PARKED);
    let own: Vec<_> =
        texts(CUSTOMER).into_iter().filter(|text| !text.ends_with(['0', '3', '6', '9'])).collect();
    let numbers: Vec<u32> = own.iter().filter_map(|text| text.split(' ').next_back()?.parse().ok()).collect();
    let hers: Vec<_> = numbers.iter().filter(|number| *number % 3 != 0).collect();
    assert!(hers.is_sorted(), "each side's words keep their order: {hers:?}");
}

#[test]
fn case_09_a_restart_resumes_timers_and_each_fires_once() {
    let mut stage = Stage::new(1);
    stage.want("2");
    stage.wait(6 * A_DAY);
    stage.restart(CUSTOMER);
    assert_eq!(stage.world.tally.of("told: intention expires soon"), 0);
    stage.wait(A_DAY);
    stage.restart(CUSTOMER);
    stage.wait(A_DAY);
    assert_eq!(stage.world.tally.of("told: intention expires soon"), 1);
    assert_eq!(stage.world.tally.of("told: intention expired"), 1);
}

#[test]
fn case_10_words_from_more_than_an_hour_ahead_wait_until_their_time() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.placed();
    stage.world.people[VENDOR].skew = 2 * 3600;
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.wait(30 * A_MINUTE);
    assert_eq!(stage.order(CUSTOMER, order).phase, "placed", "from the future: ignored");
    stage.world.people[VENDOR].skew = 0;
    stage.wait(A_DAY);
    assert_eq!(stage.order(CUSTOMER, order).phase, "accepted", "its time has come");
    let inside = stage.agent(CUSTOMER).conversation(thread).unwrap();
    assert_eq!(inside.log.evidence().count(), 0);
}

#[test]
fn case_10_nothing_is_ordered_by_a_clock() {
    let mut stage = Stage::new(1);
    let (order, thread) = stage.placed();
    stage.world.people[VENDOR].skew = -365 * 24 * 3600;
    stage.vendor(VENDOR, VendorCommand::AcceptOrder { order }).unwrap();
    stage.say(VENDOR, thread, "A year ago.");
    stage.wait(A_MINUTE);
    for who in [CUSTOMER, VENDOR] {
        assert_eq!(
            stage.order(who, order).phase,
            "accepted",
            "said after the order, whatever the clock says"
        );
    }
}

#[test]
fn case_29_after_a_restart_no_place_in_the_log_is_used_again() {
    let mut stage = Stage::new(1);
    let (_, thread) = stage.placed();
    for number in 0..6 {
        stage.say(CUSTOMER, thread, &format!("before {number}"));
        if number % 2 == 0 {
            stage.restart(CUSTOMER);
            stage.restart(VENDOR);
        }
        stage.wait(A_MINUTE);
    }
    let inside = stage.agent(VENDOR).conversation(thread).unwrap();
    let places: Vec<_> = inside.log.after(Side::Customer, 0).iter().map(|entry| entry.message.seq).collect();
    assert_eq!(places, (1..=7).collect::<Vec<u64>>());
    assert_eq!(inside.log.evidence().count(), 0);
}

#[test]
fn case_34_a_full_queue_refuses_before_anything_is_opened_and_others_go_on() {
    let now = Time::from_unix(bespeak_sim::person::DAWN).unwrap();
    let mut host = Mailbox::new("host", now);
    let seed = bespeak_identity::Seed::from_entropy([5; 32]);
    let keys =
        [[1; 32], [2; 32]].map(|context| seed.sign_key(bespeak_identity::Purpose::Transport(&context)));
    let queues = [0, 1].map(|i| bespeak_model::queue::QueueId::from_bytes(*keys[i].public().as_bytes()));
    for (key, queue) in keys.iter().zip(queues) {
        let proof = Proof::new(key, "host", &Errand::Get { after: 0 });
        let get = DropRequest::Get { queue, after: 0, wait: 0, proof };
        host.answer(&get.to_bytes().unwrap(), now).unwrap();
    }
    let mut put = |queue, number: usize| {
        let envelope = serde_bytes::ByteBuf::from(number.to_be_bytes().to_vec());
        let request = DropRequest::Put { queue, envelope, stamp: None };
        host.answer(&request.to_bytes().unwrap(), now).unwrap().0
    };
    for number in 0..MAX_QUEUE_ITEMS {
        assert_eq!(put(queues[0], number), DropReply::Stored {});
    }
    assert_eq!(put(queues[0], MAX_QUEUE_ITEMS), DropReply::Refused { code: RefusalCode::TooLarge });
    assert_eq!(put(queues[0], 0), DropReply::Stored {}, "what is there already is stored");
    assert_eq!(put(queues[1], 0), DropReply::Stored {});
}

impl Stage {
    fn agent_is_up(&self, who: usize) -> bool {
        self.world.people[who].agent.is_some()
    }

    fn wish(&self) -> Command {
        let placement = self.world.people[CUSTOMER].placement.clone();
        Command::Customer(CustomerCommand::Want(Box::new(bespeak_sim::goods::plain_wish("2", &placement))))
    }

    /// Does something, again if a crash took it, until it has happened.
    fn until(
        &mut self,
        who: usize,
        done: impl Fn(&bespeak_agent::Agent) -> bool,
        command: impl Fn(&Self) -> Command,
    ) {
        for _ in 0..5 {
            if self.agent_is_up(who) && !done(self.agent(who)) {
                let command = command(self);
                if let Some(Err(refusal)) = self.try_ask(who, command) {
                    panic!("refused: {refusal}");
                }
            }
            self.wait(2 * A_MINUTE);
            if self.agent_is_up(who) && done(self.agent(who)) {
                // The other side hears of it before anything else is done.
                self.wait(10 * A_MINUTE);
                return;
            }
        }
        panic!("it did not happen");
    }

    fn do_until(
        &mut self,
        who: usize,
        order: RecordId<Order>,
        done: impl Fn(&bespeak_agent::view::OrderView) -> bool,
        command: VendorCommand,
    ) {
        let seen = |agent: &bespeak_agent::Agent| agent.order(order).is_some_and(|view| done(&view));
        self.until(who, seen, |_| Command::Vendor(command.clone()));
    }

    fn until_seen(&mut self, who: usize, seen: impl Fn(&bespeak_agent::Agent) -> bool) {
        for _ in 0..60 {
            if self.agent_is_up(who) && seen(self.agent(who)) {
                return;
            }
            self.wait(10 * A_MINUTE);
        }
        panic!("it was not seen");
    }
}

#[test]
fn case_01_a_customer_cut_off_for_hours_places_one_order() {
    let mut stage = Stage::new(1);
    let intention = stage.want("2");
    let offer = stage.offer(VENDOR, intention, 5_000);
    stage.world.weather.cut([Place::Person(VENDOR)]);
    stage.accept_now(offer);
    for _ in 0..5 {
        stage.wait(3_600_000);
        stage.restart(CUSTOMER);
        stage.restart(VENDOR);
    }
    stage.join();
    assert_eq!(stage.agent(VENDOR).orders().len(), 1);
}
