//! What a vendor does through the handle: goods, and offers made from them.

use std::sync::Arc;

use bespeak_agent::{
    command::{Command, DraftLine, OfferDraft, Reply, VendorCommand},
    output::Refusal,
};
use bespeak_identity::{RecordId, Signed};
use bespeak_model::{
    intention::{Intention, MAX_LINES, Prose, Title},
    money::{Currency, Money},
    offer::{MAX_ALTERNATIVES, Offer, PaymentRule, Sku},
    reason::RefusalCode,
    time::Span,
};
use bespeak_policy::auto::AutoSettings;

use super::Node;
use crate::{
    catalogue::{Goods, Hit, ImportError, ImportOptions, ImportProgress, ImportReport, Match},
    commit::not_kept,
    run::{Ask, stopped},
    warehouse::Warehouse,
};

/// An offer in the owner's words.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferRequest {
    /// Which intention it answers.
    pub intention: RecordId<Intention>,
    /// What is offered: the first for the intention's first line, and so on; those beyond its lines are alternatives,
    /// again in the order of the lines.
    pub items: Vec<OfferItem>,
    /// What delivery costs.
    pub delivery: Option<Money>,
    /// How long it stands.
    pub valid: Span,
    /// Whether it can be ordered as it stands.
    pub firm: bool,
    /// When money is due.
    pub payment: PaymentRule,
    /// A word to the customer.
    pub text: Option<Prose>,
}

/// One thing in an offer.
#[derive(Clone, Debug, PartialEq)]
pub enum OfferItem {
    /// Goods of the catalogue.
    Sku {
        /// Which.
        sku: Sku,
        /// The price of one; the list price when absent.
        price: Option<Money>,
    },
    /// Something else.
    Named {
        /// What it is called.
        name: Title,
        /// The price of one.
        price: Money,
    },
}

/// The currency of prices in a catalogue file that name none. Source: wild guess; a file should say.
const CURRENCY: &str = "EUR";

pub(super) fn refuse(code: RefusalCode, detail: impl Into<String>) -> Refusal {
    Refusal::new(code, detail)
}

impl Node {
    pub(super) fn warehouse(&self) -> Result<&Arc<Warehouse>, Refusal> {
        let no_vendor = || refuse(RefusalCode::NotAllowedByState, "only a vendor has a catalogue");
        self.inner.warehouse.as_ref().ok_or_else(no_vendor)
    }

    /// Works on the goods where waiting for them holds up nobody.
    pub(super) async fn with_goods<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Warehouse) -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        let warehouse = Arc::clone(self.warehouse()?);
        warehouse.ready().await;
        let done = tokio::task::spawn_blocking(move || work(&warehouse)).await;
        done.map_err(|error| refuse(RefusalCode::Internal, error.to_string()))
    }

    /// Takes goods in from the bytes of a file; returns when all are durable, and when what a whole stock no longer has
    /// is gone.
    ///
    /// # Errors
    /// When the file cannot be read at all, what is said about it cannot be, the goods cannot be kept, or this is no
    /// vendor.
    pub async fn import(
        &self,
        options: impl Into<ImportOptions>,
        bytes: Vec<u8>,
    ) -> Result<ImportReport, Refusal> {
        let options = options.into();
        let currency =
            Currency::new(CURRENCY).map_err(|error| refuse(RefusalCode::Internal, error.to_string()))?;
        let done = self.with_goods(move |goods| goods.import(&bytes, &options, currency)).await?;
        self.goods_changed().await;
        done.map_err(|error| match error {
            ImportError::Source(detail) | ImportError::Options(detail) => {
                refuse(RefusalCode::UnsupportedVersion, detail)
            }
            ImportError::NotKept(error) => not_kept(&error),
        })
    }

    /// How far the import is that is going on, if one is.
    ///
    /// # Errors
    /// When this is no vendor.
    pub fn import_progress(&self) -> Result<Option<ImportProgress>, Refusal> {
        Ok(self.warehouse()?.progress())
    }

    /// Goods may fit what was not answered so far; a loop that has ended answers nothing.
    pub(super) async fn goods_changed(&self) {
        let _ = self.inner.asks.send(Ask::GoodsChanged).await;
    }

    /// Finds goods by words, best first.
    ///
    /// # Errors
    /// When this is no vendor.
    pub async fn search(&self, text: String, limit: usize) -> Result<Vec<Hit>, Refusal> {
        self.with_goods(move |goods| goods.search(&text, limit)).await
    }

    /// Finds the goods that may fill an intention that was heard: the best of each line, then the second of each.
    ///
    /// # Errors
    /// When no live intention by that id was heard, or this is no vendor.
    pub async fn matching(
        &self,
        intention: RecordId<Intention>,
        limit: usize,
    ) -> Result<Vec<Match>, Refusal> {
        let wish = self.read(move |agent, _| agent.wish(intention).cloned()).await.flatten();
        let wish =
            wish.ok_or_else(|| refuse(RefusalCode::NotFound, "no live intention by that id was heard"))?;
        self.with_goods(move |goods| goods.answer(&wish, limit)).await
    }

    /// The goods of a number.
    ///
    /// # Errors
    /// When this is no vendor.
    pub async fn goods(&self, sku: &str) -> Result<Option<Goods>, Refusal> {
        let sku = Sku::new(sku).ok();
        self.with_goods(move |goods| sku.and_then(|sku| goods.get(&sku))).await
    }

    /// How intentions are answered without a person.
    ///
    /// # Errors
    /// When this is no vendor.
    pub async fn auto(&self) -> Result<AutoSettings, Refusal> {
        self.warehouse()?;
        self.read(|agent, _| agent.auto().cloned()).await.flatten().ok_or_else(stopped)
    }

    /// Changes how intentions are answered without a person; those heard before are answered as well.
    ///
    /// # Errors
    /// When the settings make no sense, or this is no vendor.
    pub async fn set_auto(&self, settings: AutoSettings) -> Result<(), Refusal> {
        self.warehouse()?;
        self.command(Command::Vendor(VendorCommand::Auto(settings))).await.map(drop)
    }

    /// Answers an intention, or revises the answer already given, with goods of the catalogue or others.
    ///
    /// # Errors
    /// When the intention is not known, goods are not there or have no price, or the agent refuses.
    pub async fn offer(&self, request: OfferRequest) -> Result<RecordId<Offer>, Refusal> {
        let id = request.intention;
        let wish = self.read(move |agent, _| agent.wish(id).cloned()).await.flatten();
        let wish =
            wish.ok_or_else(|| refuse(RefusalCode::NotFound, "no live intention by that id was heard"))?;
        let placement = self.placement().await?;
        let items = request.items.clone();
        let priced = self.with_goods(move |goods| priced(goods, items)).await??;
        let (lines, alternatives) = placed(&wish, priced)?;
        let OfferRequest { intention, delivery, valid, firm, payment, text, .. } = request;
        let draft = OfferDraft {
            intention,
            lines,
            alternatives,
            delivery,
            valid,
            firm,
            payment,
            text,
            placement,
            terms: None,
            deliver_by: None,
            mandate: None,
        };
        match self.command(Command::Vendor(VendorCommand::Offer(Box::new(draft)))).await? {
            Reply::Offered(offer) => Ok(offer),
            other => Err(refuse(RefusalCode::Internal, format!("the offer was answered with {other:?}"))),
        }
    }
}

/// A name, a number of the catalogue, the price of one.
type Priced = (Title, Option<Sku>, Money);

fn priced(goods: &Warehouse, items: Vec<OfferItem>) -> Result<Vec<Priced>, Refusal> {
    let one = |item| match item {
        OfferItem::Named { name, price } => Ok((name, None, price)),
        OfferItem::Sku { sku, price } => {
            let missing =
                || refuse(RefusalCode::NotFound, format!("no goods have the number {}", sku.as_str()));
            let article = goods.get(&sku).ok_or_else(missing)?;
            let free = || {
                let detail = format!("{} has no list price; name one", sku.as_str());
                refuse(RefusalCode::NotAllowedByState, detail)
            };
            let price = price.or(article.price).ok_or_else(free)?;
            Ok((article.title, Some(sku), price))
        }
    };
    items.into_iter().map(one).collect()
}

/// Gives each item its line.
fn placed(wish: &Signed<Intention>, items: Vec<Priced>) -> Result<(Vec<DraftLine>, Vec<DraftLine>), Refusal> {
    let count = wish.lines.len().max(1);
    if items.len() > MAX_LINES + MAX_ALTERNATIVES {
        return Err(refuse(
            RefusalCode::TooLarge,
            format!("{} items are more than an offer can hold", items.len()),
        ));
    }
    let drafted = items.into_iter().enumerate().map(|(index, (name, sku, unit_price))| {
        // A line's number is below 20.
        let line = u8::try_from(index % count).unwrap_or(u8::MAX);
        DraftLine { line, name, sku, quantity: None, unit_price }
    });
    let mut lines: Vec<DraftLine> = drafted.collect();
    let alternatives = lines.split_off(lines.len().min(count));
    Ok((lines, alternatives))
}
