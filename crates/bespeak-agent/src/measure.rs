//! Steps of a quantity, in the unit that people gave it in.

use bespeak_model::{decimal::Decimal, quantity::Quantity, quantity::Unit};

/// A quantity in steps of another of the same unit; what is finer than one step counts as one.
pub(crate) fn steps_of(quantity: Quantity, like: Quantity) -> u64 {
    let power = |scale: u8| 10_u64.saturating_pow(u32::from(scale));
    let finer = power(quantity.scale().saturating_sub(like.scale()));
    let coarser = power(like.scale().saturating_sub(quantity.scale()));
    quantity.steps().saturating_mul(coarser).div_ceil(finer)
}

/// So many steps of a quantity, nothing included: `0.5 kg`, `2`.
pub(crate) fn in_words(steps: u64, like: Quantity) -> String {
    with_unit(number(steps, like.scale()), like.unit())
}

/// How much of an order was handed over: `1 of 2`, `0.5 of 1.5 kg`; quantities of different units are not added,
/// then whole lines are counted: `1 of 2 lines`.
pub(crate) fn progress(lines: &[(Quantity, u64)]) -> String {
    let Some((first, _)) = lines.first() else { return "nothing".to_owned() };
    if lines.iter().any(|(ordered, _)| ordered.unit() != first.unit()) {
        let done = lines.iter().filter(|(ordered, fulfilled)| *fulfilled >= ordered.steps()).count();
        return format!("{done} of {} lines", lines.len());
    }
    let finest = lines.iter().map(|(ordered, _)| ordered.scale()).max().unwrap_or_default();
    let aligned = |steps: u64, scale: u8| {
        steps.saturating_mul(10_u64.saturating_pow(u32::from(finest.saturating_sub(scale))))
    };
    let sum = |part: fn(&(Quantity, u64)) -> u64| {
        lines.iter().fold(0_u64, |sum, line| sum.saturating_add(aligned(part(line), line.0.scale())))
    };
    let ordered = number(sum(|(ordered, _)| ordered.steps()), finest);
    let fulfilled = number(sum(|(_, fulfilled)| *fulfilled), finest);
    format!("{fulfilled} of {}", with_unit(ordered, first.unit()))
}

/// Steps as a decimal number; what is too large for one stays a number of steps.
fn number(steps: u64, scale: u8) -> String {
    let decimal = i64::try_from(steps).ok().and_then(|steps| Decimal::new(steps, scale).ok());
    decimal.map_or_else(|| format!("{steps}e-{scale}"), |decimal| decimal.to_string())
}

/// Pieces need no word.
fn with_unit(number: String, unit: Unit) -> String {
    match unit {
        Unit::Piece => number,
        unit => format!("{number} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(text: &str) -> Quantity {
        text.parse().unwrap_or_else(|_| unreachable!("{text} is a quantity"))
    }

    #[test]
    fn steps_are_told_in_the_unit_of_the_line() {
        assert_eq!(in_words(5, quantity("1.5 kg")), "0.5 kg");
        assert_eq!(in_words(10, quantity("1.5 kg")), "1 kg");
        assert_eq!(in_words(0, quantity("1.5 kg")), "0 kg");
        assert_eq!(in_words(2, quantity("3x")), "2");
        assert_eq!(steps_of(quantity("0.5 kg"), quantity("1.25 kg")), 50);
    }

    #[test]
    fn only_what_has_one_unit_is_added() {
        assert_eq!(progress(&[(quantity("2x"), 1), (quantity("1x"), 0)]), "1 of 3");
        assert_eq!(progress(&[(quantity("1.5 kg"), 5)]), "0.5 of 1.5 kg");
        assert_eq!(progress(&[(quantity("1.5 kg"), 5), (quantity("2 kg"), 2)]), "2.5 of 3.5 kg");
        assert_eq!(progress(&[(quantity("1.5 kg"), 15), (quantity("2x"), 1)]), "1 of 2 lines");
    }
}
