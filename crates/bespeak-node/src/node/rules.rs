//! What a vendor does with standing rules through the handle.

use std::sync::Arc;

use bespeak_agent::{
    Agent,
    command::{Command, Reply, VendorCommand},
    output::Refusal,
    taken::Taken,
};
use bespeak_identity::{RecordId, Signed};
use bespeak_model::{intention::Intention, offer::Offer, reason::RefusalCode, time::Time};
use bespeak_policy::{auto::AutoSettings, limits::Spent};

use super::{Node, vendor::refuse};
use crate::{
    commit::not_kept,
    place::of_vendor,
    rules::{self, Case, Decision, DecisionView, Outcome, RuleBook, RulesView, decide},
    run::stopped,
};

/// Most intentions of one dry run. Source: wild guess; some seconds of work.
pub const MOST_TRIED: usize = 10_000;

/// What decisions about several intentions have in common.
struct Facts {
    wishes: Vec<Signed<Intention>>,
    settings: AutoSettings,
    taken: Taken,
    spent: Spent,
    now: Time,
}

impl Node {
    /// The rule book.
    ///
    /// # Errors
    /// When this is no vendor.
    pub fn rules(&self) -> Result<RulesView, Refusal> {
        self.warehouse()?;
        Ok(RulesView::of(&self.inner.desk.book()))
    }

    /// Another rule book in place of the one before; what was not answered is decided anew. An empty text leaves the
    /// settings alone to decide.
    ///
    /// # Errors
    /// When it cannot be read or cannot be meant, or this is no vendor, or it cannot be kept.
    pub async fn set_rules(&self, text: String) -> Result<RulesView, Refusal> {
        self.warehouse()?;
        let (shelf, desk) = (self.inner.shelf.clone(), Arc::clone(&self.inner.desk));
        let set = move || {
            let book = read(text)?;
            rules::keep(&shelf, book.text()).map_err(|error| not_kept(&error))?;
            let view = RulesView::of(&book);
            desk.replace(Arc::new(book));
            Ok(view)
        };
        let view = blocking(set).await??;
        self.goods_changed().await;
        Ok(view)
    }

    /// What is decided about an intention that was heard, by the book that holds or by another, and why; nothing is done.
    ///
    /// # Errors
    /// When the other book cannot be used, the intention is not known, or this is no vendor.
    pub async fn test_rules(
        &self,
        intention: RecordId<Intention>,
        other: Option<String>,
    ) -> Result<DecisionView, Refusal> {
        let facts = self.facts(move |agent, _| agent.wish(intention).cloned().into_iter().collect()).await?;
        let wish = facts.wishes.first().cloned().ok_or_else(unheard)?;
        let (book, decision) = self.decide(facts, other, false).await?;
        let decided = decision.first().ok_or_else(stopped)?;
        Ok(DecisionView::of(&book, wish.id(), &wish, decided).told(&book, &wish))
    }

    /// What would have been done about the last intentions that were heard and live, the newest first, by the book that
    /// holds or by another; nothing is done. Limits of a day count as if the oldest had come first.
    ///
    /// # Errors
    /// When the other book cannot be used, or this is no vendor.
    pub async fn try_rules(&self, last: usize, other: Option<String>) -> Result<Vec<DecisionView>, Refusal> {
        let last = last.min(MOST_TRIED);
        let newest = move |agent: &Agent, now: Time| {
            let Some(table) = agent.market() else { return Vec::new() };
            let mut live: Vec<_> = table.intentions().filter(|wish| wish.expires_at > now).cloned().collect();
            live.sort_by_key(|wish| (wish.cast_at, wish.id()));
            live.split_off(live.len().saturating_sub(last))
        };
        let facts = self.facts(newest).await?;
        let wishes = facts.wishes.clone();
        let (book, decisions) = self.decide(facts, other, false).await?;
        let view = |(wish, decision): (&Signed<Intention>, &Decision)| {
            DecisionView::of(&book, wish.id(), wish, decision)
        };
        Ok(wishes.iter().zip(&decisions).rev().map(view).collect())
    }

    /// What waits for a person's approval.
    ///
    /// # Errors
    /// When this is no vendor.
    pub fn waiting_for_approval(&self) -> Result<Vec<DecisionView>, Refusal> {
        self.warehouse()?;
        Ok(self.inner.desk.all())
    }

    /// Offers what a rule would offer and a person must approve: limits do not hold, all else does.
    ///
    /// # Errors
    /// When the intention is not known or was answered, nothing can be offered, or this is no vendor.
    pub async fn approve(&self, intention: RecordId<Intention>) -> Result<RecordId<Offer>, Refusal> {
        let facts = self.facts(move |agent, _| agent.wish(intention).cloned().into_iter().collect()).await?;
        if facts.wishes.is_empty() {
            return Err(unheard());
        }
        let (_, mut decisions) = self.decide(facts, None, true).await?;
        let decision = decisions.pop().ok_or_else(stopped)?;
        let Outcome::Offer(draft, _) = decision.outcome else {
            let detail = format!("no rule makes an offer for it: {}", decision.why.join("; "));
            return Err(refuse(RefusalCode::NotAllowedByState, detail));
        };
        match self.command(Command::Vendor(VendorCommand::Offer(draft))).await? {
            Reply::Offered(offer) => Ok(offer),
            other => Err(refuse(RefusalCode::Internal, format!("the offer was answered with {other:?}"))),
        }
    }

    async fn facts(
        &self,
        wishes: impl FnOnce(&Agent, Time) -> Vec<Signed<Intention>> + Send + 'static,
    ) -> Result<Facts, Refusal> {
        self.warehouse()?;
        let currency = self.inner.desk.book().limits.total_a_day.map(|total| total.currency());
        let gathered = self.read(move |agent, now| {
            let settings = agent.auto().cloned().unwrap_or_default();
            let (taken, spent) = (agent.taken(None, now), agent.spent(currency, now));
            Facts { wishes: wishes(agent, now), settings, taken, spent, now }
        });
        gathered.await.ok_or_else(stopped)
    }

    /// Decides about each in turn, the limits of the day growing as if each was offered.
    async fn decide(
        &self,
        facts: Facts,
        other: Option<String>,
        approved: bool,
    ) -> Result<(Arc<RuleBook>, Vec<Decision>), Refusal> {
        let (current, placement) = (self.inner.desk.book(), of_vendor(&self.inner.net));
        let work = move |goods: &crate::warehouse::Warehouse| {
            let book = other.map_or(Ok(current), |text| read(text).map(Arc::new))?;
            let Facts { wishes, settings, taken, mut spent, now } = facts;
            let one = |wish: &Signed<Intention>| {
                let placement = placement.clone();
                let case = Case { wish, settings: &settings, taken: &taken, spent, placement, now, approved };
                let decision = decide(&goods.read(), &book, &case);
                if let Outcome::Offer(_, total) = &decision.outcome {
                    spent.offers = spent.offers.saturating_add(1);
                    if book.limits.total_a_day.is_some_and(|most| most.currency() == total.currency()) {
                        spent.total = spent.total.saturating_add(total.amount());
                    }
                }
                decision
            };
            let decisions = wishes.iter().map(one).collect();
            Ok((book, decisions))
        };
        self.with_goods(work).await?
    }
}

fn read(text: String) -> Result<RuleBook, Refusal> {
    RuleBook::read(text).map_err(|error| refuse(RefusalCode::UnsupportedVersion, error.to_string()))
}

fn unheard() -> Refusal {
    refuse(RefusalCode::NotFound, "no live intention by that id was heard; `bespeak inbox` lists them")
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Refusal> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| refuse(RefusalCode::Internal, error.to_string()))
}
