//! What either side says in a conversation.

use bespeak_identity::{RecordId, Side};
use bespeak_model::{
    order::Order,
    reason::{Reason, RefusalCode},
};
use bespeak_protocol::{
    channel::message::{Body, ChatMessage},
    deal::{Cancel, Deal, DealMessage, OrderMessage, guard},
};

use crate::{
    command::EitherCommand, conversations::no_order, output::Refusal, relation::Relation, show::refuse_act,
};

impl Relation {
    /// The word by which either side does what both may do; none when it was said before.
    pub(crate) fn either(&self, command: EitherCommand) -> Result<Option<Body>, Refusal> {
        Ok(Some(match command {
            EitherCommand::Say { text, .. } => Body::Chat(ChatMessage::Text { text }),
            EitherCommand::Read { .. } => {
                let up_to = self.log.head(self.side.other());
                if self.state.read[usize::from(self.side == Side::Vendor)] == up_to {
                    return Ok(None);
                }
                Body::Chat(ChatMessage::Read { up_to })
            }
            EitherCommand::Cancel { order, reason } => self.cancel(order, reason)?,
            EitherCommand::RefuseCancel { order } => self.refuse_cancel(order)?,
            EitherCommand::Complete { order } => self.complete(order)?,
        }))
    }

    pub(crate) fn deal(&self, order: RecordId<Order>) -> Result<&Deal, Refusal> {
        self.state.deal(order).ok_or_else(|| no_order(order))
    }

    fn cancel(&self, order: RecordId<Order>, reason: Reason) -> Result<Body, Refusal> {
        let deal = self.deal(order)?;
        guard::can_cancel(deal, self.side).map_err(|code| {
            refuse_act(
                code,
                "the order is over, waits for your `reject`, or your request is still unanswered",
            )
        })?;
        let attempt = deal.next_attempt(self.side);
        Ok(Body::Deal(DealMessage::Order(OrderMessage::Cancel { order, attempt, reason })))
    }

    fn refuse_cancel(&self, order: RecordId<Order>) -> Result<Body, Refusal> {
        let deal = self.deal(order)?;
        guard::can_answer_cancel(deal, self.side)
            .map_err(|code| refuse_act(code, "the other side does not ask to cancel"))?;
        let Cancel::Asked { attempt, .. } = deal.cancel else {
            return Err(refuse_act(RefusalCode::NotFound, "the other side does not ask to cancel"));
        };
        Ok(Body::Deal(DealMessage::Order(OrderMessage::CancelAnswer { order, attempt, agreed: false })))
    }

    fn complete(&self, order: RecordId<Order>) -> Result<Body, Refusal> {
        let deal = self.deal(order)?;
        guard::can_complete(deal, self.side).map_err(|code| {
            let meaning = match self.side {
                Side::Customer => {
                    "not everything was handed over yet; say `order received` for what is in your hands"
                }
                Side::Vendor => "not everything was handed over and paid yet",
            };
            refuse_act(code, meaning)
        })?;
        Ok(Body::Deal(DealMessage::Order(OrderMessage::Complete { order })))
    }
}
