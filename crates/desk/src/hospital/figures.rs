//! What one stay counts for in the hospital's measures (metrics.md section 5), computed from the stay as it stands. A row
//! per stay: late and corrected messages change it, and the sums follow.

use std::collections::BTreeMap;

use vigil_domain::{
    calendar::number_of,
    party::LineOfBusiness,
    stay::{
        Stay,
        clock::{Clock, Watch},
        notice::NoticeKind,
        payer::{AnswerKind, DisputeEnd, DisputeKind, PayerState},
        procedure::ProcedureKind,
        review::{Advice, ReviewResult},
    },
    time::Moment,
};
use vigil_store::FiguresRow;

/// The figures of a stay. Every name is explained in `docs/hospital-measures.md`.
pub fn of(stay: &Stay, at: Moment) -> FiguresRow {
    let until = stay.discharged_at().unwrap_or(at);
    let (unit, _) = stay.place_at(at);
    let day = stay.discharged_at().or(stay.bedded_at()).or(stay.track.arrival_at).unwrap_or(stay.opened_at);
    let mut figures = BTreeMap::new();
    if !stay.is_cancelled() {
        status(stay, until, &mut figures);
        length(stay, &mut figures);
        reviews(stay, &mut figures);
        payers(stay, &mut figures);
        notices(stay, &mut figures);
    }
    figures.retain(|_, n| *n != 0.0);
    FiguresRow {
        stay_id: stay.id.clone(),
        hospital: stay.hospital.id.clone(),
        unit,
        payer: stay.primary().map(|h| h.name.clone()).unwrap_or_default(),
        line_of_business: stay.primary().map(|h| h.line_of_business.word().to_owned()).unwrap_or_default(),
        attending: stay.attending_at(until),
        day: stay.day(day),
        figures: figures.into_iter().map(|(name, n)| (name.to_owned(), n)).collect(),
    }
}

type Figures = BTreeMap<&'static str, f64>;

fn yes(figures: &mut Figures, name: &'static str, holds: bool) {
    *figures.entry(name).or_default() += f64::from(u8::from(holds));
}

fn number(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::from(u32::MAX), f64::from)
}

/// Observation, conversion, condition code 44 and W2.
fn status(stay: &Stay, until: Moment, figures: &mut Figures) {
    let observed = stay.observed_at();
    let admitted = stay.admitted_at();
    let changed = stay.changed_at().is_some();
    yes(figures, "observation_started", observed.is_some());
    yes(figures, "observation_converted", observed.zip(admitted).is_some_and(|(o, a)| o <= a));
    yes(figures, "observation_patient", observed.is_some() && (admitted.is_none() || changed));
    yes(figures, "inpatient_order", admitted.is_some());
    yes(figures, "inpatient", admitted.is_some() && !changed);
    let spans = stay.track.observation.iter();
    let seconds: i64 = spans.map(|s| s.until.unwrap_or(until).as_second() - s.from.as_second()).sum();
    if observed.is_some() {
        let hours = seconds.max(0) / 3_600;
        figures.insert("observation_hours", i32::try_from(hours).map_or(0.0, f64::from));
        yes(figures, "observation_over_24", seconds > 24 * 3_600);
        yes(figures, "observation_over_48", seconds > 48 * 3_600);
    }
    yes(figures, "bedded_stay", stay.bedded_at().is_some());
    yes(figures, "left_stay", stay.bedded_at().is_some() && stay.discharged_at().is_some());
    let avoidable: f64 = stay.delays.iter().filter(|d| d.counts).map(|d| d.days()).sum();
    figures.insert("avoidable_days", avoidable);
    // A change whose bill went another way was no condition code 44 after all.
    let another_way =
        stay.bill.released.as_ref().is_some_and(|(_, route, _)| route != ProcedureKind::ConditionCode44.word());
    yes(figures, "cc44", changed && !another_way);
    yes(figures, "w2", stay.procedures.iter().any(|(_, kind, ..)| *kind == ProcedureKind::RebillW2));
}

/// Length of stay against the expected one, and short stays, of inpatients who have left.
fn length(stay: &Stay, figures: &mut Figures) {
    let (Some(left), Some(admitted)) = (stay.discharged_at(), stay.admitted_at()) else { return };
    if stay.changed_at().is_some() {
        return;
    }
    let days = (number_of(stay.day(left)) - number_of(stay.day(admitted))).max(1);
    let length = f64::from(days);
    figures.insert("discharged", 1.0);
    yes(figures, "medicare_discharged", stay.is_medicare());
    figures.insert("length_days", length);
    yes(figures, "one_day_stay", days <= 1);
    // Midnights after the order, as the status rules count them: without an order there are none to count.
    let ordered = stay.status_facts().standing_order(left).is_some();
    yes(figures, "ordered_discharged", ordered);
    yes(figures, "short_stay", ordered && stay.inpatient_midnights(left) < 2);
    if let Some(gmlos) = stay.grouping.as_ref().and_then(|g| g.gmlos) {
        figures.insert("gmlos_days", gmlos);
        figures.insert("gmlos_stays", 1.0);
        figures.insert("gmlos_length_days", length);
        figures.insert("variance_days", (length - gmlos).max(0.0));
    }
}

fn met(figures: &mut Figures, clock: Option<&Clock>, on_time: &'static str, late: &'static str) {
    let Some(clock) = clock else { return };
    let done = clock.satisfied_at.is_some();
    yes(figures, on_time, done && clock.lapsed_at.is_none());
    yes(figures, late, clock.lapsed_at.is_some());
}

/// Timeliness of the first review, and the physician advisor's part.
fn reviews(stay: &Stay, figures: &mut Figures) {
    let first = stay.clocks.iter().rev().find(|c| c.watch == Watch::InitialReview && c.ended.is_none());
    met(figures, first, "initial_review_on_time", "initial_review_late");
    // Whoever left without a first review is a miss for good; reviews that were called off with a reason are none.
    let never = stay.reviews.is_empty() && stay.dismissed.is_none() && stay.bedded_at().is_some();
    yes(figures, "initial_review_late", first.is_none() && never && stay.discharged_at().is_some());
    figures.insert("reviews", number(stay.reviews.len()));
    let not_met = stay.reviews.iter().filter(|(_, _, r)| r.result == ReviewResult::NotMet).count();
    figures.insert("reviews_not_met", number(not_met));
    figures.insert("advisor_referred", number(stay.escalations.len()));
    let advised = stay.escalations.iter().filter_map(|e| e.advice.first());
    for (_, _, _, advice, _) in advised {
        figures.entry("advisor_answered").and_modify(|n| *n += 1.0).or_insert(1.0);
        // Agreement: the advisor finds what the first-level review found.
        yes(figures, "advisor_agreed", *advice != Advice::Inpatient);
    }
}

/// Authorization, denials, overturns, notification.
fn payers(stay: &Stay, figures: &mut Figures) {
    let Some(held) = stay.primary() else { return };
    let Some(state) = stay.payer(&held.payer_id) else { return };
    let needs = held.terms.as_ref().is_some_and(|t| t.needs_authorization) && stay.bedded_at().is_some();
    yes(figures, "authorization_needed", needs);
    let elective = needs && stay.admitted_at().is_some() && is_elective(stay);
    let first = state.answers.iter().map(|(_, a, ..)| &a.kind).find(|k| **k != AnswerKind::Pended);
    yes(figures, "elective_needs_authorization", elective);
    yes(figures, "authorization_obtained", elective && approved_by_admission(stay, state));
    yes(figures, "denied_first", needs && first == Some(&AnswerKind::Denied));
    let last = state.answers.iter().rev().map(|(_, a, ..)| &a.kind).find(|k| **k != AnswerKind::Pended);
    let reversed = stay.disputes.iter().any(|d| matches!(d.ended, Some((_, DisputeEnd::Overturned, _))));
    yes(figures, "denied_final", needs && last == Some(&AnswerKind::Denied) && !reversed);
    let told = stay
        .clocks
        .iter()
        .rev()
        .find(|c| c.watch == Watch::PayerNotification && c.about == held.payer_id && c.ended.is_none());
    met(figures, told, "notified_on_time", "notified_late");
    if let Some(left) = stay.discharged_at() {
        figures.insert("days_at_risk", number(stay.days_at_risk(left).len()));
    }
    for dispute in &stay.disputes {
        let Some((_, end, _)) = &dispute.ended else { continue };
        let talk = dispute.kind == DisputeKind::PeerToPeer;
        let held = !matches!(end, DisputeEnd::NotHeld | DisputeEnd::Withdrawn);
        let won = matches!(end, DisputeEnd::Overturned | DisputeEnd::PartlyOverturned);
        yes(figures, "peer_to_peer_held", talk && held);
        yes(figures, "peer_to_peer_overturned", talk && held && won);
        yes(figures, "appeals_decided", !talk && held);
        yes(figures, "appeals_overturned", !talk && held && won);
    }
    yes(figures, "medicare_advantage", held.line_of_business == LineOfBusiness::MedicareAdvantage);
}

/// Planned: type of admission 3 (UB-04), C (HL7 table 0007) or EL (FHIR priority).
fn is_elective(stay: &Stay) -> bool {
    matches!(stay.track.visit.admission_type.as_deref(), Some("3" | "C" | "EL"))
}

/// An approval with a number, said on the day of admission or before it.
fn approved_by_admission(stay: &Stay, state: &PayerState) -> bool {
    let Some(admitted) = stay.admitted_at() else { return false };
    let approved = state.answers.iter().filter(|(_, a, ..)| a.grants() && a.authorization.is_some());
    approved.map(|(_, _, source, _)| source.said_at).any(|said| stay.day(said) <= stay.day(admitted))
}

/// Notices inside their windows, of those that came to an end: given, missed, or still open when the patient left. One whose
/// window runs is neither.
fn notices(stay: &Stay, figures: &mut Figures) {
    let left = stay.discharged_at();
    for notice in stay.notices.iter().filter(|n| n.ended.is_none()) {
        let (owed, on_time) = match notice.kind {
            NoticeKind::Moon => ("moon_owed", "moon_on_time"),
            NoticeKind::ImportantMessage => ("im_owed", "im_on_time"),
            NoticeKind::ImportantMessageFollowUp => ("im_follow_up_owed", "im_follow_up_on_time"),
            NoticeKind::ChangeOfStatus => ("mcsn_owed", "mcsn_on_time"),
            NoticeKind::NewYorkObservation => ("ny_obs_owed", "ny_obs_on_time"),
            _ => continue,
        };
        let about = notice.id.to_string();
        let clock =
            stay.clocks.iter().rev().find(|c| c.watch == Watch::Notice && c.about == about && c.ended.is_none());
        let late = clock.is_some_and(|c| c.lapsed_at.is_some());
        let given = notice.delivered.as_ref().map(|(_, delivery)| delivery.at);
        let counts = given.is_some() || late || left.is_some();
        yes(figures, owed, counts);
        yes(figures, on_time, given.is_some() && !late);
        if notice.kind == NoticeKind::ChangeOfStatus {
            // The measure asks for release; the law's own window of four hours before it is `mcsn_on_time`.
            let before = given.is_some_and(|at| left.is_none_or(|left| at < left));
            yes(figures, "mcsn_before_release", before);
        }
    }
}
