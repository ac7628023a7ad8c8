//! What can be asked about an order.

use bespeak_model::fulfilment::FulfilmentKind;
use bespeak_model::payment::PaymentInstruction;
use bespeak_model::reason::Reason;
use bespeak_protocol::deal::Note;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::said::{Amount, Number, Said};

/// Cancel an order, ask for it, or agree to the other side's request.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cancel {
    /// Why, from the one list of reasons; `other` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "changed_mind")]
    pub reason: Option<Said<Reason>>,
}

/// Ask for the money.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestPayment {
    /// The ways to pay, at least one: URIs of payto, bitcoin, lightning, taler or https.
    #[schema(value_type = Vec<String>, example = json!(["payto://iban/DE75512108001245126199?amount=EUR:19.99"]))]
    pub payto: Vec<Said<PaymentInstruction>>,
}

/// Say that the money is on its way.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Paid {
    /// How the vendor can tell, up to 500 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub proof: Option<Said<Note>>,
}

/// Say that the money came.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Received {
    /// How much, when it is not what was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "19.99 EUR")]
    pub amount: Option<Amount>,
}

/// Say that a payment did not work.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Failed {
    /// What went wrong, up to 500 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub detail: Option<Said<Note>>,
}

/// Report what happened to goods.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Fulfil {
    /// Which lines and how much of each; all that is left when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<FulfilLine>,
    /// What happened: `shipped`, `in_transit`, `ready_for_pickup`, `delivery_failed`, `returned_to_sender` or
    /// `delivered` (when absent).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "delivered")]
    pub event: Option<FulfilmentKind>,
    /// A word about it, up to 500 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub note: Option<Said<Note>>,
}

/// Say that goods are in one's hands.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Arrived {
    /// Which lines and how much of each; all that is left when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<FulfilLine>,
}

/// How much of one line.
#[derive(Clone, Copy, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfilLine {
    /// The number of the line, from 1.
    #[schema(minimum = 1, example = 1)]
    pub line: u8,
    /// How much of it, in the line's own unit: `2` of `3x`, `"0.5"` of `1.5 kg`; above zero.
    #[schema(value_type = crate::schema::Number, example = 2)]
    pub quantity: Number,
}
