//! A coarse area of the earth: a geohash of at most four characters.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::PlaceError;
use crate::money::shortened;

/// The letters of a geohash; source: its definition (G. Niemeyer, 2008).
const ALPHABET: &[u8] = b"0123456789bcdefghjkmnpqrstuvwxyz";
/// Kilometres of a degree along a meridian; source: the earth's circumference
/// of 40,030 km over 360.
const KM_PER_DEGREE: f64 = 111.2;

/// A geohash of one to four lower-case characters; four are about 39 × 20 km.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cell {
    letters: [u8; Self::LONGEST],
    length: u8,
}

impl Cell {
    /// The most characters; source: what the protocol lets be known of where a customer lives.
    pub const LONGEST: usize = 4;

    /// The area of a geohash; fails for other characters, none, and more than four.
    pub fn new(text: &str) -> Result<Self, PlaceError> {
        let wrong = || PlaceError::Cell(shortened(text));
        let bytes = text.as_bytes();
        if bytes.is_empty() || !bytes.iter().all(|b| ALPHABET.contains(b)) {
            return Err(wrong());
        }
        let mut letters = [0; Self::LONGEST];
        letters.get_mut(..bytes.len()).ok_or_else(wrong)?.copy_from_slice(bytes);
        Ok(Self { letters, length: u8::try_from(bytes.len()).map_err(|_| wrong())? })
    }

    /// The area of so many characters (1 to 4, more are cut) around a point in degrees; `None` off the earth.
    pub fn around(latitude: f64, longitude: f64, characters: usize) -> Option<Self> {
        let length = characters.clamp(1, Self::LONGEST);
        let point = geohash::Coord { x: longitude, y: latitude };
        Self::new(&geohash::encode(point, length).ok()?).ok()
    }

    /// Its characters.
    pub fn as_str(&self) -> &str {
        let letters = self.letters.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(letters).unwrap_or_default()
    }

    /// Is `other` the same area or a part of it?
    pub fn contains(&self, other: Self) -> bool {
        other.as_str().starts_with(self.as_str())
    }

    /// Where it lies, for whoever asks for its distance to others very often.
    pub fn area(&self) -> Area {
        // What a cell is made of always decodes; the whole earth would be near everything.
        let whole = (geohash::Coord { x: 0.0, y: 0.0 }, 180.0, 90.0);
        let (centre, half_width, half_height) = geohash::decode(self.as_str()).unwrap_or(whole);
        Area { longitude: centre.x, latitude: centre.y, half_width, half_height }
    }

    /// About how many kilometres lie between the two areas at their nearest; none where they touch. Good to
    /// some percent and on the near side, for judging what is near.
    pub fn gap_km(&self, other: Self) -> u32 {
        self.area().gap_km(&other.area())
    }
}

/// Where a [`Cell`] lies, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Area {
    /// Of its middle, east of Greenwich.
    pub longitude: f64,
    /// Of its middle, north of the equator.
    pub latitude: f64,
    /// From its middle to its eastern edge.
    pub half_width: f64,
    /// From its middle to its northern edge.
    pub half_height: f64,
}

impl Area {
    /// The same as [`Cell::gap_km`].
    pub fn gap_km(&self, other: &Self) -> u32 {
        let around = (self.longitude - other.longitude).abs();
        let east = (around.min(360.0 - around) - self.half_width - other.half_width).max(0.0);
        let apart = (self.latitude - other.latitude).abs();
        let north = (apart - self.half_height - other.half_height).max(0.0);
        let edge = |area: &Self| area.latitude.abs() + area.half_height;
        let nearest_pole = edge(self).max(edge(other)).min(90.0);
        let east = east * nearest_pole.to_radians().cos();
        // Never negative, at most about 28,000, so the cast keeps its value.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let km = (east.hypot(north) * KM_PER_DEGREE).max(0.0) as u32;
        km
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Cell {
    type Err = PlaceError;
    fn from_str(text: &str) -> Result<Self, PlaceError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Cell {
    type Error = PlaceError;
    fn try_from(text: String) -> Result<Self, PlaceError> {
        Self::new(&text)
    }
}

impl From<Cell> for String {
    fn from(cell: Cell) -> Self {
        cell.as_str().to_owned()
    }
}
