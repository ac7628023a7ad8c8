//! Place: a country, a coarse cell of it, and how far it reaches. Never finer than a geohash of four
//! characters, about 39 × 20 km.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::money::shortened;

mod cell;

pub use cell::{Area, Cell};

/// The codes of ISO 3166-1 alpha-2, as assigned in 2024.
const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ \
    BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR \
    CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR \
    GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU \
    ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ \
    LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ \
    MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF \
    PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI \
    SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR \
    TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

/// The farthest reach in kilometres: half the earth's circumference, beyond which nothing lies.
pub const MAX_REACH_KM: u16 = 20_038;

/// Why something is not a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PlaceError {
    /// Not a country of ISO 3166-1.
    #[error("“{0}” is not a country; write the two capitals of ISO 3166, such as DE")]
    Country(String),
    /// Not a geohash of one to four characters.
    #[error("“{0}” is not an area; write a geohash of at most four characters after the country: DE-u33d")]
    Cell(String),
    /// Not a distance, none, or beyond [`MAX_REACH_KM`].
    #[error("“{0}” is not a reach; write whole kilometres after the place: DE-u33d+25km")]
    Reach(String),
}

/// A country by its two letters of ISO 3166-1.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

impl Country {
    /// The country of two capitals; fails for anything else.
    pub fn new(code: &str) -> Result<Self, PlaceError> {
        let known = COUNTRIES.split_ascii_whitespace().find(|known| *known == code);
        let letters = known.and_then(|known| <[u8; 2]>::try_from(known.as_bytes()).ok());
        letters.map(Self).ok_or_else(|| PlaceError::Country(shortened(code)))
    }

    /// The two capitals.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl FromStr for Country {
    type Err = PlaceError;
    fn from_str(code: &str) -> Result<Self, PlaceError> {
        Self::new(code)
    }
}

impl TryFrom<String> for Country {
    type Error = PlaceError;
    fn try_from(code: String) -> Result<Self, PlaceError> {
        Self::new(&code)
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.code().to_owned()
    }
}

/// Roughly where: a country, perhaps a [`Cell`] in it, perhaps how many kilometres around it count as
/// near. Written `DE`, `DE-u33d`, `DE-u33d+25km`; as a record `{"cell": "u33d", "country": "DE",
/// "reach_km": 25}`, what is not said left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
pub struct Place {
    country: Country,
    cell: Option<Cell>,
    reach_km: Option<u16>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    country: Country,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cell: Option<Cell>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reach_km: Option<u16>,
}

impl TryFrom<Wire> for Place {
    type Error = PlaceError;
    fn try_from(wire: Wire) -> Result<Self, PlaceError> {
        let place = Self::new(wire.country, wire.cell);
        wire.reach_km.map_or(Ok(place), |km| place.reaching(km))
    }
}

impl From<Place> for Wire {
    fn from(place: Place) -> Self {
        Self { country: place.country, cell: place.cell, reach_km: place.reach_km }
    }
}

impl Place {
    /// A place, without a reach.
    pub fn new(country: Country, cell: Option<Cell>) -> Self {
        Self { country, cell, reach_km: None }
    }

    /// The same place, with a reach of 1 to [`MAX_REACH_KM`] kilometres.
    pub fn reaching(self, km: u16) -> Result<Self, PlaceError> {
        if km == 0 || km > MAX_REACH_KM {
            return Err(PlaceError::Reach(km.to_string()));
        }
        Ok(Self { reach_km: Some(km), ..self })
    }

    /// The country.
    pub fn country(&self) -> Country {
        self.country
    }

    /// The area within the country.
    pub fn cell(&self) -> Option<Cell> {
        self.cell
    }

    /// Kilometres around the area that count as near.
    pub fn reach_km(&self) -> Option<u16> {
        self.reach_km
    }

    /// Could the two be near each other? Within one country, or across a border where both name an area:
    /// yes unless both areas are known, a reach is given, and they lie farther apart than the longer reach.
    pub fn may_meet(&self, other: &Self) -> bool {
        let reach = self.reach_km.max(other.reach_km);
        match (self.cell.zip(other.cell), reach) {
            (Some((mine, theirs)), Some(km)) => mine.gap_km(theirs) <= u32::from(km),
            _ => self.country == other.country,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.country.code())?;
        if let Some(cell) = self.cell {
            write!(f, "-{cell}")?;
        }
        if let Some(km) = self.reach_km {
            write!(f, "+{km}km")?;
        }
        Ok(())
    }
}

impl FromStr for Place {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        let (place, reach) = match text.trim().split_once('+') {
            Some((place, reach)) => (place, Some(reach)),
            None => (text.trim(), None),
        };
        let (country, cell) = match place.split_once('-') {
            Some((country, cell)) => (country, Some(cell)),
            None => (place, None),
        };
        let place = Self::new(Country::new(country)?, cell.map(Cell::new).transpose()?);
        let Some(reach) = reach else { return Ok(place) };
        let unreadable = || PlaceError::Reach(shortened(reach));
        let km = reach.strip_suffix("km").ok_or_else(unreadable)?.trim();
        place.reaching(km.parse().map_err(|_| unreadable())?)
    }
}

#[cfg(test)]
mod tests;
