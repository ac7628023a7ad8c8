//! Looking at what a node knows. After its end there is nothing to be seen.

use bespeak_agent::view::{IntentionView, MessageView, OfferView, OrderView, ReceiptView};
use bespeak_identity::RecordId;
use bespeak_model::{intention::Intention, order::Order, receipt::Receipt};
use bespeak_protocol::thread::ThreadId;

use super::Node;
use crate::home::Role;

impl Node {
    /// A customer's own intentions; those a vendor heard.
    pub async fn intentions(&self) -> Vec<IntentionView> {
        self.read(|agent, now| agent.intentions(now)).await.unwrap_or_default()
    }

    /// One of them.
    pub async fn intention(&self, id: RecordId<Intention>) -> Option<IntentionView> {
        self.read(move |agent, now| agent.intention(id, now)).await.flatten()
    }

    /// Offers, of one intention or of all.
    pub async fn offers(&self, intention: Option<RecordId<Intention>>) -> Vec<OfferView> {
        self.read(move |agent, now| agent.offers(intention, now)).await.unwrap_or_default()
    }

    /// What was said in a conversation.
    pub async fn messages(&self, thread: ThreadId) -> Vec<MessageView> {
        self.read(move |agent, _| agent.messages(thread)).await.flatten().unwrap_or_default()
    }

    /// All orders.
    pub async fn orders(&self) -> Vec<OrderView> {
        self.read(|agent, _| agent.orders()).await.unwrap_or_default()
    }

    /// One order.
    pub async fn order(&self, id: RecordId<Order>) -> Option<OrderView> {
        self.read(move |agent, _| agent.order(id)).await.flatten()
    }

    /// All receipts, the newest last; those that came in by an import among them.
    pub async fn receipts(&self) -> Vec<ReceiptView> {
        let mut all = self.read(|agent, _| agent.receipts()).await.unwrap_or_default();
        all.extend(self.archived_receipts(&all).await);
        all.sort_by_key(|view| (view.issued_at, view.receipt));
        all
    }

    /// One receipt.
    pub async fn receipt(&self, id: RecordId<Receipt>) -> Option<ReceiptView> {
        let own = self.read(move |agent, _| agent.receipt(id)).await.flatten();
        match own {
            Some(own) => Some(own),
            None => self.archived_receipts(&[]).await.into_iter().find(|view| view.receipt == id),
        }
    }

    /// The intentions a vendor heard; a customer has no inbox.
    pub async fn inbox(&self) -> Vec<IntentionView> {
        if self.role() == Role::Vendor { self.intentions().await } else { Vec::new() }
    }

    /// The verified bytes of any record it holds, by its full id.
    pub async fn record(&self, id: &str) -> Option<Vec<u8>> {
        let (id, again) = (id.to_owned(), id.to_owned());
        let own = self.read(move |agent, _| agent.record(&id)).await.flatten();
        match own {
            Some(own) => Some(own),
            None => self.archived_record(again).await,
        }
    }
}
