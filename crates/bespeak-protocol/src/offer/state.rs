//! Where the offers of a conversation stand.

use bespeak_identity::{Side, Signed};
use bespeak_model::{
    intention::{Intention, Prose},
    money::Money,
    offer::Offer,
    order::Order,
    reason::{Reason, RefusalCode},
};

use super::message::OfferMessage;
use crate::channel::log::Content;

/// The offers of one vendor for one intention.
///
/// ```text
/// none ──submit──▶ open ⇄ revise, counter
///                   ├──withdraw──▶ withdrawn ──revise──▶ open
///                   └──decline───▶ declined
/// ```
#[derive(Clone, Debug, Default)]
pub struct Offering {
    /// Every offer made, each replacing the one before.
    pub offers: Vec<Signed<Offer>>,
    /// Where the last of them stands.
    pub stand: Stand,
    /// The customer's answer to the last offer, while it is unanswered.
    pub countered: Option<Countered>,
    /// Whether the vendor said that no more will follow.
    pub passed: bool,
}

/// Where an offer stands; its expiry is by the clock and not part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stand {
    /// There is none.
    #[default]
    None,
    /// It stands.
    Open,
    /// The vendor took it back.
    Withdrawn,
    /// The customer said no.
    Declined(Reason),
}

/// A counter-offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Countered {
    /// What the customer would pay in all.
    pub total: Money,
    /// A word.
    pub text: Option<Prose>,
}

impl Offering {
    /// The last offer.
    pub fn current(&self) -> Option<&Signed<Offer>> {
        self.offers.last()
    }

    /// Whether the vendor may replace its offer.
    ///
    /// # Errors
    /// When there is none, it was declined, or the vendor has passed.
    pub fn can_revise(&self) -> Result<(), RefusalCode> {
        let may = matches!(self.stand, Stand::Open | Stand::Withdrawn) && !self.passed;
        if may { Ok(()) } else { Err(RefusalCode::NotAllowedByState) }
    }

    /// Whether the vendor may take its offer back: until an order for it is there.
    ///
    /// # Errors
    /// When it does not stand, or an order is open.
    pub fn can_withdraw(&self, order_open: bool) -> Result<(), RefusalCode> {
        if self.stand == Stand::Open && !order_open { Ok(()) } else { Err(RefusalCode::NotAllowedByState) }
    }

    /// Whether the customer may counter or decline.
    ///
    /// # Errors
    /// When no offer stands, or an order is open.
    pub fn can_answer(&self, order_open: bool) -> Result<(), RefusalCode> {
        self.can_withdraw(order_open)
    }

    /// Whether this order may be placed: it takes the offer that stands, which is firm, exactly as it was written.
    ///
    /// # Errors
    /// What does not hold. Whether the offer's time has run out is for the vendor to say.
    pub fn can_confirm(&self, order: &Order) -> Result<(), RefusalCode> {
        let current = self.current().ok_or(RefusalCode::NotFound)?;
        if self.stand != Stand::Open || !current.firm {
            return Err(RefusalCode::NotAllowedByState);
        }
        order.check_against(current.id(), current).map_err(|_| RefusalCode::QuoteMismatch)
    }

    pub(crate) fn step(
        &mut self,
        intention: &Signed<Intention>,
        by: Side,
        message: &OfferMessage,
        content: &Content,
        order_open: bool,
    ) -> Result<(), RefusalCode> {
        match (by, message, content) {
            (Side::Vendor, OfferMessage::Submit { .. }, Content::Offer(offer)) => {
                if self.stand != Stand::None {
                    return Err(RefusalCode::Duplicate);
                }
                self.take(intention, offer)
            }
            (Side::Vendor, OfferMessage::Revise { .. }, Content::Offer(offer)) => {
                self.can_revise()?;
                if order_open {
                    return Err(RefusalCode::NotAllowedByState);
                }
                self.take(intention, offer)
            }
            (Side::Vendor, OfferMessage::Withdraw { offer }, _) => {
                self.is_current(offer)?;
                self.can_withdraw(order_open)?;
                self.stand = Stand::Withdrawn;
                Ok(())
            }
            (Side::Vendor, OfferMessage::Pass {}, _) => {
                self.passed = true;
                Ok(())
            }
            (Side::Customer, OfferMessage::Counter { offer, total, text }, _) => {
                self.counter(offer, *total, text.clone(), order_open)
            }
            (Side::Customer, OfferMessage::Decline { offer, reason }, _) => {
                self.is_current(offer)?;
                self.can_answer(order_open)?;
                self.stand = Stand::Declined(*reason);
                self.countered = None;
                Ok(())
            }
            _ => Err(RefusalCode::NotParty),
        }
    }

    /// A fresh quote that came with the refusal of an order.
    pub(crate) fn requote(
        &mut self,
        intention: &Signed<Intention>,
        quote: &Signed<Offer>,
    ) -> Result<(), RefusalCode> {
        self.can_revise()?;
        self.take(intention, quote)
    }

    fn take(&mut self, intention: &Signed<Intention>, offer: &Signed<Offer>) -> Result<(), RefusalCode> {
        let known_lines = offer.lines.iter().chain(offer.alternatives.iter());
        let fits = offer.intention == intention.id()
            && offer.net == intention.net
            && offer.replaces == self.current().map(Signed::id)
            && self.offers.first().is_none_or(|first| first.iss == offer.iss)
            && known_lines.into_iter().all(|line| usize::from(line.line) < intention.lines.len());
        if !fits {
            return Err(RefusalCode::QuoteMismatch);
        }
        if !intention.terms.contains(&offer.terms) {
            return Err(RefusalCode::TermsRequired);
        }
        offer.check_sum().map_err(|_| RefusalCode::QuoteMismatch)?;
        self.offers.push(offer.clone());
        self.stand = Stand::Open;
        self.countered = None;
        Ok(())
    }

    fn counter(
        &mut self,
        offer: &bespeak_identity::RecordId<Offer>,
        total: Money,
        text: Option<Prose>,
        order_open: bool,
    ) -> Result<(), RefusalCode> {
        self.is_current(offer)?;
        self.can_answer(order_open)?;
        let currency = self.current().map(|current| current.total.currency());
        if currency != Some(total.currency()) || total.amount() < 0 {
            return Err(RefusalCode::QuoteMismatch);
        }
        self.countered = Some(Countered { total, text });
        Ok(())
    }

    fn is_current(&self, offer: &bespeak_identity::RecordId<Offer>) -> Result<(), RefusalCode> {
        let current = self.current().map(Signed::id);
        if current == Some(*offer) { Ok(()) } else { Err(RefusalCode::NotFound) }
    }
}
