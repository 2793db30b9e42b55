//! A patient's appeal to the quality improvement organization, from the call to the outcome: of the discharge, or of a change
//! of status that is in force when the patient calls.

use super::{
    Draft,
    finished::change_appeal,
    notice::{APPEAL, owe},
    refuse, window,
};
use crate::{
    calendar::{day_of, number_of},
    status::Met,
    stay::{
        command::Command,
        event::Event,
        notice::{AppealOf, NoticeKind, QioAppeal},
        refusal::{Refusal, Refused},
    },
    time::Moment,
};

pub(super) fn act(draft: &mut Draft<'_>, command: Command) -> Result<(), Refused> {
    match command {
        Command::RecordQioCall { by, called_at, told_at } => called(draft, by.person, called_at, told_at),
        Command::SendQioRecords { by, at } => {
            let about = running(draft, at, "Records are sent after the organization has told the hospital")?;
            draft.must_not_be_ahead(at)?;
            draft.emit(Event::QioRecordsSent { about, at, person: by.person })
        }
        Command::RecordQioReconsideration { by, at } => reconsider(draft, by.person, at),
        Command::RecordQioDecision { by, at, discharge_upheld, words } => {
            let about = running(draft, at, "A decision follows the organization's word to the hospital")?;
            draft.must_not_be_ahead(at)?;
            let held = about == AppealOf::Discharge && discharge_upheld;
            let liable_from = if held { noon_after(draft, at) } else { None };
            draft.emit(Event::QioDecided { about, at, discharge_upheld, words, liable_from, person: by.person })
        }
        _ => Ok(()),
    }
}

/// Noon of the day after a moment.
fn noon_after(draft: &Draft<'_>, at: Moment) -> Option<Moment> {
    let stay = draft.stay();
    let next = day_of(number_of(stay.day(at)) + 1)?;
    window::at(stay, next, 12, 0, 0)
}

/// The patient called the organization: liability or the bill is held where the call was in time; of a discharge, the
/// detailed notice is owed.
fn called(draft: &mut Draft<'_>, person: String, called_at: Moment, told_at: Moment) -> Result<(), Refused> {
    draft.must_not_be_ahead(called_at)?;
    draft.must_not_be_ahead(told_at)?;
    if told_at < called_at {
        return refuse(Refusal::house(
            "qio.order",
            "The organization told the hospital before the patient called it.",
            "Enter the call first, then when the organization told the hospital.",
        ));
    }
    if draft.stay().is_changed_at(called_at) {
        return of_the_change(draft, person, called_at, told_at);
    }
    may_appeal_discharge(draft, called_at)?;
    let stay = draft.stay();
    let planned = stay.discharged_at().or(stay.expected_discharge());
    let timely = stay.track.in_house_at(called_at) && planned.is_none_or(|at| stay.day(called_at) <= stay.day(at));
    draft.emit(Event::QioCalled { about: AppealOf::Discharge, called_at, told_at, timely, person })?;
    let why = "the patient appealed discharge to the quality improvement organization".to_owned();
    owe(draft, NoticeKind::DetailedDischarge, why, format!("{APPEAL} (d)"))
}

fn may_appeal_discharge(draft: &Draft<'_>, called_at: Moment) -> Result<(), Refused> {
    let stay = draft.stay();
    if !stay.is_medicare() || stay.admitted_at().is_none() {
        return refuse(Refusal::law(
            "qio.inpatient",
            APPEAL,
            "The appeal of discharge is for Medicare inpatients.",
            "For a change of status see the change-of-status notice; for other payers the plan's appeal.",
        ));
    }
    if stay.first_admitted_at().is_some_and(|admitted| called_at < admitted) {
        return refuse(Refusal::house(
            "qio.before",
            "The call lies before the admission.",
            "Enter when the patient called the organization.",
        ));
    }
    if stay.is_outpatient_at(called_at) {
        return refuse(Refusal::law(
            "qio.outpatient",
            APPEAL,
            "The patient was an outpatient at the time of the call: there was no inpatient discharge to appeal.",
            "Whoever was never an inpatient has no appeal of status either; see the observation notice.",
        ));
    }
    runs_already(stay.qio.as_ref())
}

fn runs_already(appeal: Option<&QioAppeal>) -> Result<(), Refused> {
    if appeal.is_some_and(QioAppeal::runs) {
        return refuse(Refusal::house("qio.runs", "An appeal runs already.", "Record its decision first."));
    }
    Ok(())
}

/// The change of status itself is appealed: whoever is owed the change-of-status notice may.
fn of_the_change(draft: &mut Draft<'_>, person: String, called_at: Moment, told_at: Moment) -> Result<(), Refused> {
    let known = draft.stay().change_appeal_in_force();
    if known.is_some_and(|known| !known.runs()) {
        return refuse(Refusal::house(
            "mcsn.decided",
            "The organization has decided on this change of status.",
            "Record the request to reconsider its decision.",
        ));
    }
    // One of an earlier change that still waits for its decision is not put aside in silence.
    runs_already(draft.stay().change_appeal.as_ref())?;
    let asked = change_appeal(draft, Some(called_at));
    if asked.eligible.met != Met::Met {
        let step = asked.eligible;
        return refuse(Refusal::law("mcsn.appeal", step.cite, step.why, step.instead));
    }
    let timely = asked.timely == Met::Met;
    draft.emit(Event::QioCalled { about: AppealOf::ChangeOfStatus, called_at, told_at, timely, person })
}

/// Of a decision on a change of status; late ones are heard as well.
fn reconsider(draft: &mut Draft<'_>, person: String, at: Moment) -> Result<(), Refused> {
    draft.must_not_be_ahead(at)?;
    let appeal = draft.stay().change_appeal_in_force();
    let Some((decided, ..)) = appeal.filter(|a| a.reconsidered.is_none()).and_then(|a| a.decided.as_ref()) else {
        return refuse(Refusal::house(
            "mcsn.reconsideration",
            "There is no decision on a change of status that could be reconsidered.",
            "Record the organization's decision first; it is reconsidered once.",
        ));
    };
    if at < *decided {
        return refuse(Refusal::house(
            "qio.order",
            "The request lies before the decision.",
            "Enter when the patient asked the organization to reconsider.",
        ));
    }
    let by = change_appeal(draft, None).reconsider_by;
    let timely = by.is_none_or(|by| at <= by);
    draft.emit(Event::QioReconsiderationAsked { at, timely, person })
}

/// The appeal that runs (of the change of status before one of discharge), at a moment not earlier than the organization's
/// word to the hospital, or than the request to reconsider.
fn running(draft: &Draft<'_>, at: Moment, says: &str) -> Result<AppealOf, Refused> {
    let stay = draft.stay();
    let of = |about: AppealOf, appeal: &Option<QioAppeal>| {
        let appeal = appeal.as_ref().filter(|a| a.runs())?;
        Some((about, appeal.reconsidered.as_ref().map_or(appeal.told_at, |again| again.asked_at)))
    };
    let found = of(AppealOf::ChangeOfStatus, &stay.change_appeal).or_else(|| of(AppealOf::Discharge, &stay.qio));
    let Some((about, from)) = found else {
        return refuse(Refusal::house("qio.none", "No appeal runs.", "Record the patient's call first."));
    };
    if at >= from {
        return Ok(about);
    }
    let told = stay.zone().at(from).strftime("%b %-d, %Y, %-I:%M %p %Z");
    refuse(Refusal::house("qio.order", format!("{says}, which was {told}."), "Enter the time at which it happened."))
}
