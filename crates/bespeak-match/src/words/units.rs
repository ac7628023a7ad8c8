//! Units: one way of writing each size, so that `1 TB` and `1000 GB`, `1.5 l` and `1500 ml` come out as the same terms.
//!
//! Sizes are brought to the unit in which shops' numbers are mostly whole. Only what is exact is converted: between
//! centimetres and inches somebody would have to round.

/// What is measured: the unit it comes out in, then each way of writing a unit, with how many of the former one of it
/// is: so many, times ten to a power.
type Measure = (&'static str, &'static [(&'static str, u64, i32)]);

/// Units that are written onto a number or after it. Source: those met in shops' titles; model numbers such as `h7` or
/// `3pro` stay whole because their letters are no unit. Ratios: SI, 12 inches to the foot, 16 ounces to the pound;
/// storage is sold by powers of ten.
const MEASURES: [Measure; 19] = [
    ("kb", &[("kb", 1, 0)]),
    ("mb", &[("mb", 1, 0)]),
    ("gb", &[("gb", 1, 0), ("gigabyte", 1, 0), ("tb", 1, 3), ("terabyte", 1, 3)]),
    ("cm", &[("mm", 1, -1), ("cm", 1, 0), ("m", 1, 2), ("metre", 1, 2), ("meter", 1, 2)]),
    ("km", &[("km", 1, 0)]),
    (
        "inch",
        &[("in", 1, 0), ("inch", 1, 0), ("zoll", 1, 0), ("ft", 12, 0), ("foot", 12, 0), ("feet", 12, 0)],
    ),
    ("g", &[("mg", 1, -3), ("g", 1, 0), ("gram", 1, 0), ("kg", 1, 3), ("kilo", 1, 3)]),
    ("oz", &[("oz", 1, 0), ("ounce", 1, 0), ("lb", 16, 0), ("pound", 16, 0)]),
    ("ml", &[("ml", 1, 0), ("cl", 1, 1), ("dl", 1, 2), ("l", 1, 3), ("litre", 1, 3), ("liter", 1, 3)]),
    ("w", &[("w", 1, 0), ("watt", 1, 0), ("kw", 1, 3)]),
    ("wh", &[("wh", 1, 0), ("kwh", 1, 3)]),
    ("v", &[("v", 1, 0), ("volt", 1, 0)]),
    ("va", &[("va", 1, 0), ("kva", 1, 3)]),
    ("a", &[("a", 1, 0), ("amp", 1, 0)]),
    ("mah", &[("mah", 1, 0), ("ah", 1, 3)]),
    ("hz", &[("hz", 1, 0), ("khz", 1, 3)]),
    ("mhz", &[("mhz", 1, 0), ("ghz", 1, 3)]),
    ("mbps", &[("mbps", 1, 0), ("gbps", 1, 3)]),
    ("mp", &[("mp", 1, 0), ("megapixel", 1, 0)]),
];
/// Rates that are never converted.
const RATES: [&str; 4] = ["dpi", "lm", "ppm", "rpm"];

/// The digits of a number that is converted. Source: what, times a thousand and twelve, fits a `u64`.
const LONGEST: usize = 12;

/// Is this, in the singular or the plural, a unit?
pub(super) fn is_unit(word: &str) -> bool {
    find(word).is_some()
}

/// A number of a unit as it comes out, `("1", "tb")` as `("1000", "gb")`; `None` where the word is no unit.
pub(super) fn converted(number: &str, word: &str) -> Option<(String, &'static str)> {
    let (unit, times, power) = find(word)?;
    match times_power(number, times, power) {
        Some(number) => Some((number, unit)),
        // Too long a number to convert: the unit is called as everywhere only where that changes nothing.
        None if times == 1 && power == 0 => Some((number.to_owned(), unit)),
        None => None,
    }
}

fn find(word: &str) -> Option<(&'static str, u64, i32)> {
    if let Some(rate) = RATES.iter().find(|rate| **rate == word) {
        return Some((rate, 1, 0));
    }
    let named = |name: &str| {
        MEASURES.iter().find_map(|(unit, ways)| {
            let (_, times, power) = ways.iter().find(|(way, ..)| *way == name)?;
            Some((*unit, *times, *power))
        })
    };
    let one = word.strip_suffix("es").filter(|one| *one == "inch").or_else(|| word.strip_suffix('s'));
    named(word).or_else(|| named(one.filter(|one| one.len() > 1)?))
}

/// The number times `times` and ten to the `power`, exactly, without zeros that say nothing.
fn times_power(number: &str, times: u64, power: i32) -> Option<String> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.len() + fraction.len() > LONGEST || fraction.contains('.') {
        return None;
    }
    let steps = format!("{whole}{fraction}").parse::<u64>().ok()?.checked_mul(times)?;
    let scale = i32::try_from(fraction.len()).ok()? - power;
    if scale <= 0 {
        let tens = 10_u64.checked_pow(scale.unsigned_abs())?;
        return Some(steps.checked_mul(tens)?.to_string());
    }
    let width = usize::try_from(scale).ok()?;
    let digits = format!("{steps:0>width$}", width = width + 1);
    let (whole, fraction) = digits.split_at_checked(digits.len() - width)?;
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_size_has_one_form() {
        for (number, unit, expected) in [
            ("1", "tb", ("1000", "gb")),
            ("1.5", "l", ("1500", "ml")),
            ("150", "cl", ("1500", "ml")),
            ("1.50", "litres", ("1500", "ml")),
            ("25", "mm", ("2.5", "cm")),
            ("0.5", "mm", ("0.05", "cm")),
            ("2.0", "m", ("200", "cm")),
            ("6", "feet", ("72", "inch")),
            ("15.6", "inches", ("15.6", "inch")),
            ("007", "g", ("7", "g")),
            ("123456789012345", "gb", ("123456789012345", "gb")),
        ] {
            let (number, unit) = converted(number, unit).unwrap_or_default();
            assert_eq!((number.as_str(), unit), expected);
        }
        assert_eq!(converted("123456789012345", "tb"), None, "no number is cut");
        assert_eq!(converted("7", "pro"), None);
        assert_eq!(converted("7", "s"), None);
    }

    #[test]
    fn every_unit_comes_out_as_itself() {
        for (unit, ways) in MEASURES {
            assert!(ways.contains(&(unit, 1, 0)), "{unit}");
        }
    }
}
