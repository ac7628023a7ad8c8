//! A finished trade between two agents, and what each would take along.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use bespeak_agent::{
    Agent, Arrival, Input, Outputs,
    command::{
        Command, CustomerCommand, DraftLine, EitherCommand, OfferDraft, Placement, Reply, VendorCommand,
        Wish, WishLine,
    },
};
use bespeak_export::{
    File, Item, Whole,
    data::Description,
    files,
    manifest::{List, SIGNATURE, digest},
};
use bespeak_identity::{Nonce, Seed};
use bespeak_model::{
    category::Slug,
    fulfilment::FulfilmentKind,
    network::Network,
    offer::PaymentRule,
    text::Text,
    time::{Lifetime, Span, Time},
};

/// Any time will do.
const NOW: u64 = 1_790_000_000;

/// A customer and a vendor, hand to hand.
pub(crate) struct World {
    pub(crate) customer: Agent,
    pub(crate) vendor: Agent,
    pub(crate) now: Time,
}

fn placement(host: &str) -> Placement {
    Placement::at(vec![format!("/ip4/127.0.0.1/tcp/1/p2p/{host}")])
}

impl World {
    fn new() -> Self {
        let network = Network::main();
        let name = Text::new("Radhaus").unwrap();
        let mut world = Self {
            customer: Agent::customer(Seed::from_entropy([1; 32]), network.clone(), [3; 32]),
            vendor: Agent::vendor(Seed::from_entropy([2; 32]), network, name, [4; 32]),
            now: Time::from_unix(NOW).unwrap(),
        };
        let _ = world.customer.handle(Input::Wake, world.now);
        let _ = world.vendor.handle(Input::Wake, world.now);
        world
    }

    /// Carries everything there and back until nobody has anything more to say.
    fn settle(&mut self, from_customer: bool, out: Outputs) {
        let mut waiting = vec![(from_customer, out)];
        while let Some((from_customer, out)) = waiting.pop() {
            let other = if from_customer { &mut self.vendor } else { &mut self.customer };
            for message in out.publish {
                let heard =
                    other.handle(Input::Gossip { topic: message.topic, bytes: message.bytes }, self.now);
                waiting.push((!from_customer, heard));
            }
            for post in out.send {
                let other = if from_customer { &mut self.vendor } else { &mut self.customer };
                let queue = post.drops[0].queue;
                assert!(other.owns(&queue), "mail goes to a queue of the other side");
                let read = other.handle(Input::Mail { queue, envelope: post.envelope }, self.now);
                waiting.push((!from_customer, read));
                if let Some(held) = post.report {
                    let own = if from_customer { &mut self.customer } else { &mut self.vendor };
                    let told = Input::Posted { thread: post.thread, held, to: Arrival::Drop };
                    let told = own.handle(told, self.now);
                    waiting.push((from_customer, told));
                }
            }
        }
    }

    fn customer(&mut self, command: CustomerCommand) -> Reply {
        self.command(true, Command::Customer(command))
    }

    fn vendor(&mut self, command: VendorCommand) -> Reply {
        self.command(false, Command::Vendor(command))
    }

    fn command(&mut self, by_customer: bool, command: Command) -> Reply {
        let agent = if by_customer { &mut self.customer } else { &mut self.vendor };
        let mut out = agent.handle(Input::Command(command), self.now);
        let reply = out.reply.take().expect("a wish is answered").expect("the wish is granted");
        self.settle(by_customer, out);
        reply
    }
}

fn wish() -> Wish {
    Wish {
        title: Text::new("folding e-bike").unwrap(),
        text: None,
        category: Slug::new("vehicles").unwrap(),
        lines: vec![WishLine {
            name: Text::new("folding e-bike").unwrap(),
            quantity: "2".parse().unwrap(),
            gtin: None,
        }],
        conditions: Vec::new(),
        budget: None,
        condition: None,
        place: None,
        needed_by: None,
        lifetime: Lifetime::SevenDays,
        terms: Vec::new(),
        placement: placement("relay"),
    }
}

/// From a wish to a receipt, with a withdrawn wish beside it.
pub(crate) fn traded() -> World {
    let mut world = World::new();
    let Reply::Cast(intention) = world.customer(CustomerCommand::Want(Box::new(wish()))) else {
        panic!("an intention is cast");
    };
    let draft = OfferDraft {
        intention,
        lines: vec![DraftLine {
            line: 0,
            name: Text::new("Faltrad E1").unwrap(),
            sku: Some(Text::new("E1").unwrap()),
            quantity: None,
            unit_price: "1249 EUR".parse().unwrap(),
        }],
        alternatives: Vec::new(),
        delivery: None,
        valid: Span::THREE_DAYS,
        firm: true,
        payment: PaymentRule::Open,
        text: None,
        placement: placement("vendor"),
        terms: None,
        deliver_by: None,
        mandate: None,
    };
    let Reply::Offered(offer) = world.vendor(VendorCommand::Offer(Box::new(draft))) else {
        panic!("an offer is made");
    };
    let accept =
        CustomerCommand::Accept { offer, choose: Vec::new(), anyway: false, placement: placement("relay") };
    let Reply::Ordered { order, thread } = world.customer(accept) else { panic!("an order is placed") };
    let text = Text::new("Ring twice, please.").unwrap();
    world.command(true, Command::Either(EitherCommand::Say { thread, text }));
    world.vendor(VendorCommand::AcceptOrder { order });
    let instructions = vec!["payto://iban/DE75512108001245126199".parse().unwrap()];
    world.vendor(VendorCommand::RequestPayment { order, instructions });
    world.customer(CustomerCommand::Paid { order, proof: None });
    world.vendor(VendorCommand::PaymentReceived { order, amount: None });
    let (lines, event) = (Vec::new(), FulfilmentKind::Delivered);
    world.vendor(VendorCommand::Fulfil { order, lines, event, note: None });
    world.command(true, Command::Either(EitherCommand::Complete { order }));
    assert_eq!(world.customer.receipts().len(), 1, "{:#?}", world.customer.order(order));
    world
}

/// A note of hers.
pub(crate) fn note() -> Item {
    let said = Description {
        kind: "address".parse().unwrap(),
        name: "Home".parse().ok(),
        media_type: "application/json".to_owned(),
        tags: vec!["post".parse().unwrap()],
    };
    Item::new(said, br#"{"street":"Lindenweg 7"}"#.to_vec(), Time::from_unix(NOW).unwrap()).unwrap()
}

/// What an agent takes along.
pub(crate) fn whole(agent: &Agent, now: Time) -> Whole {
    Whole {
        party: agent.party(),
        network: agent.network().clone(),
        role: if matches!(agent, Agent::Customer(_)) { "customer" } else { "vendor" }.to_owned(),
        made_at: now,
        records: agent.records(),
        superseded: agent.superseded(),
        counterparties: agent.counterparties(),
        intentions: agent.intentions(now),
        offers: agent.offers(None, now),
        orders: agent.orders(),
        receipts: agent.receipts(),
        data: vec![note()],
        goods: Vec::new(),
        damaged: 0,
    }
}

/// The files of an export, signed.
pub(crate) fn exported(agent: &Agent, whole: &Whole) -> Vec<File> {
    signed(agent, whole, files(whole).unwrap())
}

/// Lists and signs any files.
pub(crate) fn signed(agent: &Agent, whole: &Whole, mut files: Vec<File>) -> Vec<File> {
    let (party, network, role) = (whole.party, whole.network.clone(), whole.role.clone());
    let list = List::of(party, network, role, whole.made_at, &files).to_file().unwrap();
    let nonce = Nonce::from_bytes([9; 16]);
    let manifest = agent.sign_manifest(digest(&list.bytes), nonce, whole.made_at).unwrap();
    files.push(list);
    files.push(File::new(SIGNATURE, manifest.bytes().to_vec()).unwrap());
    files.sort_by(|one, other| one.path.cmp(&other.path));
    files
}
