//! Everything an owner may take along: the records as they were signed, and who they were exchanged with.

use bespeak_identity::{Agreement, CoSigned, Document, Nonce, PublicKey, RecordId, Side, SignError, Signed};
use bespeak_model::{
    intention::Intention, manifest::Manifest, network::Network, receipt::Receipt, time::Time,
};
use bespeak_protocol::{deal::ReceiptState, thread::ThreadId};
use serde_bytes::ByteArray;

use crate::{agent::Agent, relation::Relation, show, view::ReceiptView};

/// A signed record that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// Its type, as its envelope states it.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
    /// The conversation it belongs to, which not every record says of itself.
    pub thread: Option<ThreadId>,
    /// The very bytes that were signed.
    pub bytes: Vec<u8>,
}

impl Held {
    /// A record by one signer.
    pub fn signed<T: Document>(record: &Signed<T>, thread: Option<ThreadId>) -> Self {
        Self { kind: T::TYPE, id: record.id().to_string(), thread, bytes: record.bytes().to_vec() }
    }

    /// An agreement.
    pub fn agreed<T: Agreement>(record: &CoSigned<T>, thread: Option<ThreadId>) -> Self {
        Self { kind: T::TYPE, id: record.id().to_string(), thread, bytes: record.bytes().to_vec() }
    }
}

/// The other side of one or several conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counterparty {
    /// Its key: a vendor's own, or the one that a customer made for this relation.
    pub party: PublicKey,
    /// What a vendor says it is called; a customer says nothing of the kind.
    pub name: Option<String>,
    /// The conversation.
    pub thread: ThreadId,
    /// When the first word was said.
    pub since: Option<Time>,
    /// How many orders both signed.
    pub orders: usize,
}

/// One intention that stands in another's place: the old, the new.
pub type Superseded = (RecordId<Intention>, RecordId<Intention>);

impl Agent {
    /// Every signed record that is the owner's or was exchanged in a conversation, in the order in which it came to be
    /// there. Intentions that a vendor merely heard are the market's, and left out: everybody forgets them.
    pub fn records(&self) -> Vec<Held> {
        let mut held = match self {
            Self::Customer(customer) => customer.own_records(),
            Self::Vendor(_) => Vec::new(),
        };
        self.relations().iter().for_each(|relation| conversation(relation, &mut held));
        // A customer's intention opens each of its conversations too.
        let mut seen = std::collections::BTreeSet::new();
        held.retain(|record| seen.insert((record.kind, record.id.clone())));
        held
    }

    /// The other side of each conversation in which one is known.
    pub fn counterparties(&self) -> Vec<Counterparty> {
        self.relations().into_iter().filter_map(counterparty).collect()
    }

    /// Which intentions stand in the place of which.
    pub fn superseded(&self) -> Vec<Superseded> {
        match self {
            Self::Customer(customer) => customer.own_superseded(),
            Self::Vendor(_) => Vec::new(),
        }
    }

    /// Signs the list of an export's files with the party's own key.
    ///
    /// # Errors
    /// When the manifest cannot be encoded.
    pub fn sign_manifest(
        &self,
        list: [u8; 32],
        nonce: Nonce,
        at: Time,
    ) -> Result<Signed<Manifest>, SignError> {
        let key = match self {
            Self::Customer(customer) => customer.own_key(),
            Self::Vendor(vendor) => vendor.own_key(),
        };
        let net = self.network().clone();
        let manifest = Manifest { iss: key.public(), nonce, net, list: ByteArray::new(list), at };
        Signed::sign(manifest, &key)
    }

    /// The network it is on.
    pub fn network(&self) -> &Network {
        match self {
            Self::Customer(customer) => customer.own_network(),
            Self::Vendor(vendor) => vendor.own_network(),
        }
    }

    fn relations(&self) -> Vec<&Relation> {
        match self {
            Self::Customer(customer) => customer.relations().collect(),
            Self::Vendor(vendor) => vendor.relations().collect(),
        }
    }
}

fn conversation(relation: &Relation, held: &mut Vec<Held>) {
    let thread = Some(relation.thread);
    held.push(Held::signed(&relation.facts.intention, None));
    held.push(Held::signed(&relation.card, thread));
    held.extend(relation.introduction.as_ref().map(|record| Held::signed(record, thread)));
    let said = relation.state.history.iter().map(|happened| &happened.message);
    held.extend(said.map(|message| Held::signed(message, thread)));
    held.extend(relation.state.offering.offers.iter().map(|offer| Held::signed(offer, thread)));
    for deal in &relation.state.deals {
        held.extend(deal.agreement.as_ref().map(|order| Held::agreed(order, thread)));
        if let ReceiptState::Signed(receipt) = &deal.receipt {
            held.push(Held::agreed(receipt, thread));
        }
    }
}

fn counterparty(relation: &Relation) -> Option<Counterparty> {
    let (party, name) = match relation.side {
        Side::Customer => (*relation.card.issuer(), Some(relation.vendor_name())),
        Side::Vendor => (relation.introduction.as_ref()?.relation, None),
    };
    let since = relation.state.history.first().map(|happened| happened.message.at);
    let orders = relation.state.deals.iter().filter(|deal| deal.agreement.is_some()).count();
    Some(Counterparty { party, name, thread: relation.thread, since, orders })
}

/// A receipt as people see it, from the record alone: what is kept of a conversation that is not here.
pub fn receipt_view(receipt: &CoSigned<Receipt>, thread: ThreadId, vendor_name: &str) -> ReceiptView {
    show::receipt_alone(receipt, thread, vendor_name)
}
