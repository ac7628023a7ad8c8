//! Values as people write them: `"1500 EUR"`, `"DE-u33d+100km"`, `"weight<=25kg"`.

use bespeak_model::bounded::Bounded;

/// Whether a list is empty; for serde.
pub(super) fn is_empty<T, const MAX: usize>(items: &Bounded<T, 0, MAX>) -> bool {
    items.as_slice().is_empty()
}

/// A list of values.
pub(super) mod list {
    use std::{fmt::Display, str::FromStr};

    use bespeak_model::bounded::Bounded;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(in crate::rule) fn serialize<T: Display, S: Serializer, const MAX: usize>(
        items: &Bounded<T, 0, MAX>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(items.iter().map(ToString::to_string))
    }

    pub(in crate::rule) fn deserialize<'de, T, D, const MAX: usize>(
        deserializer: D,
    ) -> Result<Bounded<T, 0, MAX>, D::Error>
    where
        T: FromStr,
        T::Err: Display,
        D: Deserializer<'de>,
    {
        let texts = Vec::<String>::deserialize(deserializer)?;
        let read = texts.iter().map(|text| text.parse().map_err(D::Error::custom));
        Bounded::new(read.collect::<Result<_, _>>()?).map_err(D::Error::custom)
    }
}
