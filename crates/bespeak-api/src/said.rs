//! Values as people write them, inside JSON.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

use bespeak_model::decimal::Decimal;
use bespeak_model::money::Money;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Serialize, Serializer};

/// A value read from the text a person would write for it; what is wrong is said in the value's own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T>(pub T);

impl<'de, T> Deserialize<'de> for Said<T>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);

        impl<T> Visitor<'_> for Reader<T>
        where
            T: FromStr,
            T::Err: fmt::Display,
        {
            type Value = Said<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Said<T>, E> {
                text.parse().map(Said).map_err(E::custom)
            }
        }

        from.deserialize_str(Reader(PhantomData))
    }
}

impl<T: fmt::Display> Serialize for Said<T> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// Money, written `"19.99 EUR"` or `{"amount": 1999, "currency": "EUR"}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Amount(pub Money);

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an amount such as “19.99 EUR”")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                text.parse().map(Amount).map_err(E::custom)
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Amount, A::Error> {
                Money::deserialize(MapAccessDeserializer::new(map)).map(Amount)
            }
        }

        from.deserialize_any(Reader)
    }
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(&self.0)
    }
}

/// An exact number, written `2` or, with decimal places, `"0.5"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number(pub Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader;

        impl Visitor<'_> for Reader {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number, or a decimal number as text such as “0.5”")
            }
            fn visit_u64<E: de::Error>(self, whole: u64) -> Result<Number, E> {
                self.visit_str(&whole.to_string())
            }
            fn visit_i64<E: de::Error>(self, whole: i64) -> Result<Number, E> {
                self.visit_str(&whole.to_string())
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
                text.parse().map(Number).map_err(E::custom)
            }
        }

        from.deserialize_any(Reader)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.scale() {
            0 => to.serialize_i64(self.0.steps()),
            _ => to.collect_str(&self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use bespeak_model::time::Span;
    use serde_json::{from_str, to_string};

    use super::*;

    #[test]
    fn money_is_written_in_two_ways() -> Result<(), serde_json::Error> {
        let text: Amount = from_str("\"19.99 EUR\"")?;
        let parts: Amount = from_str("{\"amount\":1999,\"currency\":\"EUR\"}")?;
        assert_eq!(text, parts);
        assert_eq!(to_string(&text)?, "\"19.99 EUR\"");
        Ok(())
    }

    #[test]
    fn numbers_are_exact() -> Result<(), serde_json::Error> {
        for (written, again) in [("2", "2"), ("\"2\"", "2"), ("\"0.50\"", "\"0.5\"")] {
            assert_eq!(to_string(&from_str::<Number>(written)?)?, again, "{written}");
        }
        for inexact in ["0.5", "true", "\"half\""] {
            assert!(from_str::<Number>(inexact).is_err(), "{inexact}");
        }
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_says_how_to_write_it() {
        let sentence = |text: &str| from_str::<Amount>(text).map_err(|error| error.to_string());
        assert!(sentence("\"1999\"").is_err_and(|said| said.contains("write it as")));
        assert!(sentence("1999").is_err_and(|said| said.contains("19.99 EUR")));
        let span = from_str::<Said<Span>>("\"soon\"").map_err(|error| error.to_string());
        assert!(span.is_err_and(|said| said.contains("30m, 12h, 3d")));
    }
}
