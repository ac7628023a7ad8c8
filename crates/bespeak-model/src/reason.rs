//! Why somebody did what they did: one list for everything, and one list of refusals.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$doc:meta])* $name:ident, $error:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $code)] $variant),+ }

        impl $name {
            /// Every code.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The code as it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        #[doc = concat!("A text that is no [`", stringify!($name), "`].")]
        #[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
        #[error("{0:?} is not a known code: use one of {list}", list = [$($code),+].join(", "))]
        pub struct $error(String);

        impl std::str::FromStr for $name {
            type Err = $error;

            fn from_str(text: &str) -> Result<Self, $error> {
                Self::ALL
                    .iter()
                    .copied()
                    .find(|code| code.as_str() == text)
                    .ok_or_else(|| $error(text.chars().take(40).collect()))
            }
        }
    };
}

codes! {
    /// Why a party declined, rejected or cancelled; the vendor may count them, nobody can be joined by them.
    Reason, UnknownReason {
        /// Too dear.
        Price = "price",
        /// Delivery too dear.
        ShippingCost = "shipping_cost",
        /// Delivery too slow.
        ShippingSpeed = "shipping_speed",
        /// Not what was wanted.
        ProductFit = "product_fit",
        /// No trust.
        Trust = "trust",
        /// Returns are not accepted as wished.
        ReturnsPolicy = "returns_policy",
        /// No payment that suits.
        PaymentOptions = "payment_options",
        /// Another offer was chosen.
        ChoseOther = "chose_other",
        /// Later, perhaps.
        TimingDeferred = "timing_deferred",
        /// None left.
        OutOfStock = "out_of_stock",
        /// Not delivered to that place.
        NotServiceable = "not_serviceable",
        /// No longer wanted.
        ChangedMind = "changed_mind",
        /// Something in it is wrong.
        DetailsWrong = "details_wrong",
        /// It did not arrive.
        NotReceived = "not_received",
        /// It arrived damaged.
        Damaged = "damaged",
        /// It is not what was described.
        NotAsDescribed = "not_as_described",
        /// The other side fell silent.
        NoResponse = "no_response",
        /// The terms are not accepted.
        TermsNotAccepted = "terms_not_accepted",
        /// Anything else.
        Other = "other",
    }
}

codes! {
    /// Why an intention was taken back.
    WithdrawalReason, UnknownWithdrawalReason {
        /// It was met.
        Fulfilled = "fulfilled",
        /// No longer wanted.
        ChangedMind = "changed_mind",
        /// Its time ran out.
        Expired = "expired",
        /// Another one stands in its place.
        Duplicate = "duplicate",
        /// Anything else.
        Other = "other",
    }
}

codes! {
    /// Why a message or a wish of the owner was refused.
    RefusalCode, UnknownRefusalCode {
        /// The signature does not hold.
        InvalidSignature = "invalid_signature",
        /// A version this node does not speak.
        UnsupportedVersion = "unsupported_version",
        /// Nothing by that id.
        NotFound = "not_found",
        /// Not one of the two parties.
        NotParty = "not_party",
        /// Not in this state.
        NotAllowedByState = "not_allowed_by_state",
        /// The quote's time ran out.
        QuoteExpired = "quote_expired",
        /// Not what was quoted.
        QuoteMismatch = "quote_mismatch",
        /// Not that many left.
        QuantityUnavailable = "quantity_unavailable",
        /// That way of paying is not known.
        PaymentUnsupported = "payment_unsupported",
        /// Terms come first.
        TermsRequired = "terms_required",
        /// The same place already holds something else.
        Conflict = "conflict",
        /// Already there.
        Duplicate = "duplicate",
        /// Too large.
        TooLarge = "too_large",
        /// Too often.
        RateLimited = "rate_limited",
        /// A stamp is asked for.
        StampRequired = "stamp_required",
        /// Its time ran out.
        Expired = "expired",
        /// The other side does not wish to hear it.
        Blocked = "blocked",
        /// A fault of this node.
        Internal = "internal",
    }
}
