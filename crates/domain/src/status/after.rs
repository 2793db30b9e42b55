//! After the stay: where it stands before billing, and the bill's record of outpatient midnights.

use super::{
    answer::{Basis, ReviewTier},
    lens::{Ground, Lens, asked},
    procedure::{BillFlag, BillPlace},
};

/// The tier of a finished inpatient stay, tests in the order of the rules. None while the patient is here, without an
/// order, or under the rules of inpatient rehabilitation.
pub(super) fn review_tier(lens: &Lens<'_>, ground: &Ground) -> Option<ReviewTier> {
    if !lens.facts.has_left(lens.now) || lens.order().is_none() || ground.basis == Basis::Rehabilitation {
        return None;
    }
    if !lens.two_midnight_binds() {
        return Some(ReviewTier::ByContract);
    }
    let counted = &lens.counted;
    if lens.rule("presumption").is_some_and(|rule| counted.after_order >= asked(rule)) {
        return Some(ReviewTier::Presumption);
    }
    if lens.rule("benchmark").is_some_and(|rule| counted.so_far >= asked(rule)) {
        return Some(ReviewTier::BenchmarkMet);
    }
    Some(match ground.basis {
        Basis::Unforeseen => ReviewTier::Rescued,
        _ if ground.basis == Basis::InpatientOnly || lens.list.iter().any(|answer| answer.exempt) => ReviewTier::Exempt,
        Basis::Exception => ReviewTier::Exception,
        _ => ReviewTier::SecondLevel,
    })
}

/// Occurrence span 72: first and last day of hospital care as an outpatient before the inpatient order, when it crossed a
/// midnight and the bill goes to Part A of Original Medicare.
pub(super) fn outpatient_span(lens: &Lens<'_>, bill: u8) -> Option<BillFlag> {
    let rule = lens.rule("outpatient-span")?;
    let from = lens.facts.first_care_at?;
    let order = lens.order()?.effective_at();
    let zone = &lens.facts.zone;
    let before = super::span::midnights_between(from, order, zone, &[]);
    (before > 0).then(|| BillFlag {
        bill,
        place: BillPlace::OccurrenceSpan,
        code: "72".to_owned(),
        says: "Outpatient time before admission, first and last day.".to_owned(),
        from: Some(zone.day(from)),
        through: Some(zone.day(order)),
        units: None,
        rule: rule.id.clone(),
        cite: rule.cite.clone(),
        confidence: rule.confidence,
    })
}
