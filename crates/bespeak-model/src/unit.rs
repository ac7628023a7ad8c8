//! Units of quantity: a short list of UN/CEFACT Recommendation 20 codes, with the words people use.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::shortened;

/// The word is not a unit of the list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "“{0}” is not a unit known here; write pieces as 2x, others as kg, g, l, m, hours, or a UN/CEFACT code"
)]
pub struct UnknownUnit(pub String);

macro_rules! units {
    ($($(#[$doc:meta])* $variant:ident $code:literal $symbol:literal [$($word:literal)*];)*) => {
        /// A unit of quantity. As a record its UN/CEFACT Recommendation 20 code: `C62` for pieces.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "&'static str")]
        pub enum Unit { $($(#[$doc])* $variant,)* }

        impl Unit {
            /// Every unit of the list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The UN/CEFACT Recommendation 20 code.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// How it is written for people: `kg`, `hours`.
            pub fn symbol(self) -> &'static str {
                match self { $(Self::$variant => $symbol,)* }
            }

            /// Other words for it, in lower case.
            fn words(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($word,)*],)* }
            }
        }
    };
}

units! {
    /// One of whatever it is.
    Piece "C62" "x" ["piece" "pieces" "pc" "pcs" "item" "items" "one"];
    /// Two that belong together.
    Pair "PR" "pairs" ["pair"];
    /// Several sold as one.
    Set "SET" "sets" ["set"];
    /// Twelve.
    Dozen "DZN" "dozen" ["dozens"];
    /// One packet of something.
    Pack "NMP" "packs" ["pack" "packet" "packets"];
    /// Milligram.
    Milligram "MGM" "mg" ["milligram" "milligrams"];
    /// Gram.
    Gram "GRM" "g" ["gram" "grams" "gr"];
    /// Kilogram.
    Kilogram "KGM" "kg" ["kilogram" "kilograms" "kilo" "kilos"];
    /// Tonne, 1,000 kg.
    Tonne "TNE" "t" ["tonne" "tonnes"];
    /// Ounce.
    Ounce "ONZ" "oz" ["ounce" "ounces"];
    /// Pound of weight.
    Pound "LBR" "lb" ["lbs" "pound" "pounds"];
    /// Millimetre.
    Millimetre "MMT" "mm" ["millimetre" "millimetres" "millimeter" "millimeters"];
    /// Centimetre.
    Centimetre "CMT" "cm" ["centimetre" "centimetres" "centimeter" "centimeters"];
    /// Metre.
    Metre "MTR" "m" ["metre" "metres" "meter" "meters"];
    /// Kilometre.
    Kilometre "KMT" "km" ["kilometre" "kilometres" "kilometer" "kilometers"];
    /// Inch.
    Inch "INH" "inch" ["inches"];
    /// Foot.
    Foot "FOT" "ft" ["foot" "feet"];
    /// Square metre.
    SquareMetre "MTK" "m²" ["m2" "sqm"];
    /// Cubic metre.
    CubicMetre "MTQ" "m³" ["m3" "cbm"];
    /// Millilitre.
    Millilitre "MLT" "ml" ["millilitre" "millilitres" "milliliter" "milliliters"];
    /// Centilitre.
    Centilitre "CLT" "cl" ["centilitre" "centilitres"];
    /// Litre.
    Litre "LTR" "l" ["litre" "litres" "liter" "liters"];
    /// Minute.
    Minute "MIN" "minutes" ["minute" "mins"];
    /// Hour.
    Hour "HUR" "hours" ["hour" "h" "hrs"];
    /// Day.
    Day "DAY" "days" ["day" "d"];
    /// Week.
    Week "WEE" "weeks" ["week"];
    /// Month.
    Month "MON" "months" ["month"];
    /// Year.
    Year "ANN" "years" ["year"];
    /// Kilowatt hour.
    KilowattHour "KWH" "kWh" [];
    /// Lump sum: the whole work for one price.
    LumpSum "LS" "lump sum" ["lump"];
}

impl Unit {
    /// The unit of a Recommendation 20 code, in capitals; fails for codes outside the list.
    pub fn from_code(code: &str) -> Result<Self, UnknownUnit> {
        let found = Self::ALL.iter().copied().find(|unit| unit.code() == code);
        found.ok_or_else(|| UnknownUnit(shortened(code)))
    }

    /// Units in which the size of a thing is told rather than how much of it is wanted.
    pub(crate) fn measures_size(self) -> bool {
        matches!(
            self,
            Self::Millimetre
                | Self::Centimetre
                | Self::Inch
                | Self::Foot
                | Self::Millilitre
                | Self::Centilitre
        )
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.symbol())
    }
}

impl fmt::Debug for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Reads a code, a symbol or a word: `KGM`, `kg`, `kilos`.
impl FromStr for Unit {
    type Err = UnknownUnit;
    fn from_str(text: &str) -> Result<Self, UnknownUnit> {
        let word = text.trim().to_lowercase();
        let named = |unit: &Self| {
            unit.symbol().eq_ignore_ascii_case(&word)
                || unit.code().eq_ignore_ascii_case(&word)
                || unit.words().contains(&word.as_str())
        };
        Self::ALL.iter().copied().find(named).ok_or_else(|| UnknownUnit(shortened(text)))
    }
}

impl TryFrom<String> for Unit {
    type Error = UnknownUnit;
    fn try_from(code: String) -> Result<Self, UnknownUnit> {
        Self::from_code(&code)
    }
}

impl From<Unit> for &'static str {
    fn from(unit: Unit) -> Self {
        unit.code()
    }
}
