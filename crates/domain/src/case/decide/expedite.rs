//! Expediting asked for after receipt, and declined: which clocks begin, which end, which stand.

use super::{
    Draft,
    begin::RECEIVED,
    clocks::{CLAIMED, complete_since, informed, start, started},
    refuse,
};
use crate::{
    case::{
        Clock,
        command::Actor,
        event::{Event, Watches},
        refusal::{Refusal, Refused},
    },
    notice::Purpose,
    party::LineOfBusiness,
    request::{ExpediteAsker, Review, Urgency},
    time::Moment,
};

/// Someone asks to expedite: expedited clocks run from that moment, beside the standard ones.
pub(super) fn ask(draft: &mut Draft<'_>, by: &Actor, asker: ExpediteAsker) -> Result<(), Refused> {
    draft.must_be_open()?;
    let _ = by;
    if !asker.is_known() {
        return refuse(Refusal::house(
            "expedite.asker",
            "Who asked to expedite is not said.",
            "Say whether the physician, the member, a representative or staff asked: it decides whether it may be declined.",
        ));
    }
    if draft.case().urgency == Urgency::Expedited {
        return refuse(Refusal::house("expedite.already", "The case is expedited already.", "Nothing to do."));
    }
    draft.emit(Event::Expedited { asker })?;
    let now = draft.now;
    let events: Vec<_> = std::iter::once((RECEIVED, now)).chain(informed(draft.case(), now)).collect();
    start(draft, &Urgency::Expedited, &events)
}

/// The request to expedite is declined: the expedited clocks end, and the standard ones run from the original receipt, or,
/// where they count from complete information, from that. Those that ran already go on with their stops and extensions.
pub(super) fn decline(draft: &mut Draft<'_>, by: &Actor, why: String) -> Result<(), Refused> {
    draft.must_be_open()?;
    let case = draft.case();
    if case.urgency != Urgency::Expedited {
        return refuse(Refusal::house("expedite.none", "The case is not expedited.", "Nothing to decline."));
    }
    let physician = case.request.receipt.expedite_asked_by == Some(ExpediteAsker::Physician);
    if physician && case.contract.line_of_business == LineOfBusiness::MedicareAdvantage {
        return refuse(Refusal::law(
            "ma.physician-expedite",
            "42 CFR 422.570(c)(2)(ii) (from knowledge, verify)",
            "A physician asked to expedite this Medicare Advantage request; it is not downgraded.",
            "Decide it by the expedited due time.",
        ));
    }
    draft.emit(Event::ExpediteDeclined { person: by.person.clone(), why })?;
    let case = draft.case();
    let received = case.request.receipt.received_at;
    let claimed = (case.request.review == Review::Retrospective).then_some((CLAIMED, received));
    let events: Vec<_> =
        std::iter::once((RECEIVED, received)).chain(claimed).chain(informed(case, complete_since(case))).collect();
    let standard = would_start(draft, &Urgency::Standard, &events);
    let ended: Vec<u32> =
        draft.case().clocks.iter().filter(|c| c.is_open() && !stands(c, &standard)).map(|c| c.id).collect();
    for clock in ended {
        draft.emit(Event::ClockEnded { clock, why: "expediting was declined".into() })?;
    }
    start(draft, &Urgency::Standard, &events)?;
    let lines = draft.case().open_lines().map(|l| l.line.sequence).collect();
    super::tick::require_notice(draft, Purpose::ExpediteDeclined, lines)
}

/// Every clock that the rules in force would start for a request so urgent, of decisions and of notices.
fn would_start(draft: &Draft<'_>, urgency: &Urgency, events: &[(&str, Moment)]) -> Vec<Event> {
    let on = draft.case().received_on();
    let rules =
        draft.case().law_scopes(urgency).into_iter().flat_map(|scope| draft.books.law.in_force(&scope, on).rules);
    rules
        .flat_map(|rule| [Watches::Decision, Watches::Notice].map(|w| started(draft, &rule, urgency, events, w)))
        .flatten()
        .collect()
}

/// The clock is one of these: the same rule, watching the same, first due at the same moment.
fn stands(clock: &Clock, among: &[Event]) -> bool {
    among.iter().any(|event| {
        matches!(event, Event::ClockStarted { pin, due_at, watches, .. }
            if clock.watches == *watches && clock.pin.rule == pin.rule && clock.first_due_at == *due_at)
    })
}
