//! Places on a coarse grid over the earth, so that those near each other can be found by looking up squares.
//!
//! A square is 360/256 degrees wide and 180/128 high: what a geohash of three characters names, so that every finer
//! cell lies in one square. A rule's place covers the squares within its reach, and its country where it has no
//! reach or no cell; a wish's place names its own square, those within its own reach, and its country. Two that may
//! meet ([`Place::may_meet`]) always share one of these, and two that share one may not meet: that is asked again.

use bespeak_model::place::{Area, Country, Place};

/// Squares around the earth, and from pole to pole; source: the 8 and 7 bits of a geohash of three characters.
const COLUMNS: i32 = 256;
const ROWS: i32 = 128;
/// Degrees of a square.
const STEP: f64 = 360.0 / 256.0;
/// Kilometres of a degree, a little less than [`Area::gap_km`] counts with, so that squares are rather one too many.
const KM_PER_DEGREE: f64 = 111.1;
/// Most squares of one place. Source: a reach of about 300 km in middle Europe; what reaches farther is looked for
/// everywhere.
const MAX_SQUARES: usize = 48;

/// A token stands for a square, a country in one of two senses, or everywhere.
const COUNTRY_WITHOUT_CELL: u32 = 1 << 16;
const COUNTRY_WITHOUT_REACH: u32 = 2 << 16;
const EVERYWHERE: u32 = 3 << 16;

/// A place with its area worked out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot {
    country: Country,
    area: Option<Area>,
    reach: Option<u16>,
}

impl Spot {
    pub(super) fn of(place: &Place) -> Self {
        let area = place.cell().map(|cell| cell.area());
        Self { country: place.country(), area, reach: place.reach_km() }
    }

    /// The same as [`Place::may_meet`].
    pub(super) fn may_meet(&self, other: &Self) -> bool {
        match (self.area.zip(other.area), self.reach.max(other.reach)) {
            (Some((mine, theirs)), Some(km)) => mine.gap_km(&theirs) <= u32::from(km),
            _ => self.country == other.country,
        }
    }

    /// The squares within reach of a cell; `None` where there are too many, or the cell is larger than a square.
    fn squares(&self) -> Option<Vec<u32>> {
        let area = self.area?;
        if area.half_width > STEP * 0.51 {
            return None;
        }
        // A gap is cut to whole kilometres before it is compared.
        let degrees = (f64::from(self.reach.unwrap_or(0)) + 1.0) / KM_PER_DEGREE;
        let north = area.half_height + degrees;
        let (bottom, top) = (row(area.latitude - north), row(area.latitude + north));
        let mut squares = Vec::new();
        for row in bottom..=top {
            let edge = (f64::from(row) * STEP - 90.0).abs().max((f64::from(row + 1) * STEP - 90.0).abs());
            let pole = edge.max(area.latitude.abs() + area.half_height).min(90.0);
            let east = area.half_width + degrees / pole.to_radians().cos().max(1e-6);
            if east > 90.0 {
                return None;
            }
            let (west, east) = (column(area.longitude - east), column(area.longitude + east));
            squares.extend((west..=east).map(|column| square(row, column)));
            if squares.len() > MAX_SQUARES {
                return None;
            }
        }
        Some(squares)
    }

    fn country_token(&self, sense: u32) -> u32 {
        let code = self.country.code().bytes().fold(0, |code, letter| (code << 8) | u32::from(letter));
        sense | code
    }

    /// Under which tokens a rule with this place is found; `None` where it cannot be found by place.
    pub(super) fn rule_tokens(&self) -> Option<Vec<u32>> {
        let mut tokens = if self.area.is_some() { self.squares()? } else { Vec::new() };
        if self.area.is_none() || self.reach.is_none() {
            tokens.push(self.country_token(COUNTRY_WITHOUT_REACH));
        }
        tokens.extend([self.country_token(COUNTRY_WITHOUT_CELL), EVERYWHERE]);
        Some(tokens)
    }

    /// Under which tokens every rule is found that a wish with this place may meet.
    pub(super) fn wish_tokens(spot: Option<&Self>) -> Vec<u32> {
        let Some(spot) = spot else { return vec![EVERYWHERE] };
        if spot.area.is_none() {
            return vec![spot.country_token(COUNTRY_WITHOUT_CELL)];
        }
        match spot.own_squares() {
            Some(mut tokens) => {
                tokens.push(spot.country_token(COUNTRY_WITHOUT_REACH));
                tokens
            }
            None => vec![EVERYWHERE],
        }
    }

    /// The token by which places are counted: its square, or its country.
    pub(super) fn home(&self) -> u32 {
        match self.area {
            Some(area) if area.half_width <= STEP * 0.51 => {
                square(row(area.latitude), column(area.longitude))
            }
            _ => self.country_token(COUNTRY_WITHOUT_REACH),
        }
    }

    /// The squares in which a wish's place looks for rules: its own alone where it has no reach.
    fn own_squares(&self) -> Option<Vec<u32>> {
        let area = self.area?;
        if self.reach.is_some() || area.half_width > STEP * 0.51 {
            return self.squares();
        }
        Some(vec![square(row(area.latitude), column(area.longitude))])
    }

    /// The bits of a rule's place: two places that may meet have one in common.
    pub(super) fn rule_bits(&self) -> u64 {
        let country = self.area.is_none() || self.reach.is_none();
        let country = if country { country_bit(self.country) } else { 0 };
        let squares = match self.area {
            None => 0,
            Some(_) => {
                self.squares().map_or(SQUARE_BITS, |squares| squares.into_iter().map(square_bit).sum_bits())
            }
        };
        country | squares
    }

    /// The bits of a wish's place.
    pub(super) fn wish_bits(spot: Option<&Self>) -> u64 {
        // Without a cell its country is asked for alone, also of rules whose bits do not name it.
        let Some(spot) = spot.filter(|spot| spot.area.is_some()) else { return u64::MAX };
        let squares =
            spot.own_squares().map_or(u64::MAX, |squares| squares.into_iter().map(square_bit).sum_bits());
        squares | country_bit(spot.country)
    }
}

/// The lower 56 bits are squares, 8 × 7 that repeat over the earth; the upper 8 are countries.
const SQUARE_BITS: u64 = (1 << 56) - 1;

fn square_bit(square: u32) -> u64 {
    1 << ((square % 8) * 7 + (square / COLUMNS as u32) % 7)
}

fn country_bit(country: Country) -> u64 {
    let mixed = country.code().bytes().fold(0_u64, |sum, letter| sum * 31 + u64::from(letter));
    1 << (56 + mixed % 8)
}

trait SumBits {
    fn sum_bits(self) -> u64;
}

impl<I: Iterator<Item = u64>> SumBits for I {
    fn sum_bits(self) -> u64 {
        self.fold(0, |all, bit| all | bit)
    }
}

fn row(latitude: f64) -> i32 {
    step_of(latitude + 90.0).clamp(0, ROWS - 1)
}

fn column(longitude: f64) -> i32 {
    step_of(longitude + 180.0)
}

fn step_of(degrees: f64) -> i32 {
    // At most a few hundred.
    #[allow(clippy::cast_possible_truncation)]
    let step = (degrees / STEP).floor() as i32;
    step
}

fn square(row: i32, column: i32) -> u32 {
    (row * COLUMNS + column.rem_euclid(COLUMNS)).unsigned_abs()
}

#[cfg(test)]
pub(super) mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;

    use super::*;

    pub(crate) fn places() -> impl Strategy<Value = Place> {
        let cell = prop_oneof![
            1 => Just(String::new()),
            3 => "-[0-9b-hjkmnp-z]{1,4}",
            6 => "-u[23][0-9b-hjkmnp-z]{1,2}",
            2 => "-[bz8x][0-9b-hjkmnp-z]{3}",
        ];
        let reach = prop_oneof![3 => Just(0_u16), 6 => 1..400_u16, 1 => 1..20_038_u16];
        (prop::sample::select(vec!["DE", "PL", "NZ"]), cell, reach).prop_map(|(country, cell, reach)| {
            let place: Place = format!("{country}{cell}").parse().unwrap();
            if reach == 0 { place } else { place.reaching(reach).unwrap() }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn who_may_meet_shares_a_token_and_a_bit(rule in places(), wish in places()) {
            let (ours, theirs) = (Spot::of(&rule), Spot::of(&wish));
            prop_assert_eq!(ours.may_meet(&theirs), rule.may_meet(&wish));
            if !rule.may_meet(&wish) {
                return Ok(());
            }
            prop_assert!(ours.rule_bits() & Spot::wish_bits(Some(&theirs)) != 0, "{} {}", rule, wish);
            let wish_tokens = Spot::wish_tokens(Some(&theirs));
            if let Some(tokens) = ours.rule_tokens() {
                prop_assert!(tokens.iter().any(|token| wish_tokens.contains(token)), "{} {}", rule, wish);
                prop_assert!(tokens.contains(&Spot::wish_tokens(None)[0]));
            }
        }
    }

    #[test]
    fn few_squares_are_near() {
        let berlin: Place = "DE-u33d+25km".parse().unwrap();
        let squares = Spot::of(&berlin).squares().unwrap();
        assert!((1..=6).contains(&squares.len()), "{squares:?}");
        assert_eq!(Spot::of(&"DE-u33d+5000km".parse().unwrap()).squares(), None);
        assert_eq!(Spot::of(&"DE-u3".parse().unwrap()).squares(), None, "a cell larger than a square");
    }
}
