//! Values as people write them in files: by their text, such as `1500 EUR`, `DE-u33d+100km` or `3d`, whatever form they
//! have in records. For `#[serde(with = …)]`: [`one`], [`maybe`] for an optional one, [`many`] for a list.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{Deserialize, Deserializer, de};

/// A value read from its text.
struct Text<T>(T);

impl<'de, T: FromStr<Err: fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Reader<T>(PhantomData<T>);

        impl<T: FromStr<Err: fmt::Display>> de::Visitor<'_> for Reader<T> {
            type Value = Text<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<T>, E> {
                text.parse().map(Text).map_err(E::custom)
            }
        }

        from.deserialize_str(Reader(PhantomData))
    }
}

/// One value.
pub mod one {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes its text.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<T: Display, S: Serializer>(value: &T, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(value)
    }

    /// Reads its text.
    ///
    /// # Errors
    /// What is wrong with it, in the value's own words.
    pub fn deserialize<'de, T, D>(from: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        super::Text::deserialize(from).map(|text| text.0)
    }
}

/// One value or none; to be used with `default`.
pub mod maybe {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes its text, if there is one.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<T: Display, S: Serializer>(value: &Option<T>, to: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(value) => to.collect_str(value),
            None => to.serialize_none(),
        }
    }

    /// Reads its text, if there is one.
    ///
    /// # Errors
    /// What is wrong with it, in the value's own words.
    pub fn deserialize<'de, T, D>(from: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        Option::<super::Text<T>>::deserialize(from).map(|text| text.map(|text| text.0))
    }
}

/// A list of values.
pub mod many {
    use std::{fmt::Display, str::FromStr};

    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes their texts.
    ///
    /// # Errors
    /// The serializer's.
    pub fn serialize<T: Display, S: Serializer>(values: &[T], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(values.iter().map(ToString::to_string))
    }

    /// Reads their texts.
    ///
    /// # Errors
    /// What is wrong with one of them, in the value's own words.
    pub fn deserialize<'de, T, D>(from: D) -> Result<Vec<T>, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        let texts = Vec::<super::Text<T>>::deserialize(from)?;
        Ok(texts.into_iter().map(|text| text.0).collect())
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use crate::{money::Money, place::Place, time::Span};

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Written {
        #[serde(with = "super::one")]
        valid: Span,
        #[serde(default, with = "super::maybe", skip_serializing_if = "Option::is_none")]
        most: Option<Money>,
        #[serde(default, with = "super::many")]
        places: Vec<Place>,
    }

    #[test]
    fn values_are_read_from_their_texts_and_written_so() -> Result<(), serde_json::Error> {
        let text = r#"{"valid":"3d","most":"1500.00 EUR","places":["DE-u33d+100km","AT"]}"#;
        let read: Written = serde_json::from_str(text)?;
        assert_eq!(serde_json::to_string(&read)?, text);
        let least: Written = serde_json::from_str(r#"{"valid":"12h"}"#)?;
        assert_eq!((least.most, least.places.len()), (None, 0));
        Ok(())
    }

    #[test]
    fn what_cannot_be_read_says_how_to_write_it() {
        let sentence = |text: &str| {
            serde_json::from_str::<Written>(text).map_or_else(|error| error.to_string(), |_| String::new())
        };
        assert!(sentence(r#"{"valid":"soon"}"#).contains("30m, 12h, 3d"));
        assert!(sentence(r#"{"valid":"3d","most":"1500"}"#).contains("write it as"));
        assert!(sentence(r#"{"valid":"3d","places":["Mars"]}"#).contains("ISO 3166"));
    }
}
