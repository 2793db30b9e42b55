//! Telling: clocks of what must be said after an answer, or after a telephone call, and the deliveries that meet them.

use super::{
    Draft,
    begin::RECEIVED,
    clocks::{asked_at, complete_since, lapse_if_late, started_as, tells_outcome},
    telling,
};
use crate::{
    case::{
        Clock, NoticeState,
        command::Delivery,
        event::{Event, Watches},
        reach::BY_TELEPHONE,
        refusal::Refused,
    },
    clock::{Branch, Step, moment_in_words},
    law::{Rule, Scope},
    notice::{Audience, Purpose},
    request::Urgency,
    time::{Moment, Zone},
};

/// The start of a letter's time after the member was told by telephone.
const ORAL: &str = "oral_notice";
/// The same after it was told that the request is not expedited.
const ORAL_DECLINE: &str = "oral_notice_of_expedite_denial";
const ADVERSE: &str = "adverse_determination";
const WITH_ALL: &str = "request_received_with_all_info";

/// The answer was given: clocks of telling that count from it, or that only an approval has, begin.
pub(super) fn answered(draft: &mut Draft<'_>, approved: bool, adverse: bool) -> Result<(), Refused> {
    let now = draft.now;
    if adverse {
        let case = draft.case();
        let kind = if case.in_hospital() { "adverse-hospitalized" } else { "adverse-not-hospitalized" };
        let scope = case.scope_about(case.request.review.word(), kind);
        begin(draft, &scope, &[(ADVERSE, now)], Watches::Notice)?;
    }
    let case = draft.case();
    if approved && case.awaiting.is_none() {
        let events = [(RECEIVED, asked_at(case)), (WITH_ALL, complete_since(case))];
        let scope = case.scope_about(case.request.review.word(), "approval-notice");
        begin(draft, &scope, &events, Watches::Notice)?;
    }
    Ok(())
}

/// Starts what the rules of a scope start from these events; of a rule with successive limits, each.
fn begin(draft: &mut Draft<'_>, scope: &Scope, events: &[(&str, Moment)], watches: Watches) -> Result<(), Refused> {
    let on = draft.case().received_on();
    for rule in draft.books.law.in_force(scope, on).rules {
        let branches: Vec<Option<Branch>> = match rule.combine.needs_branch() {
            true => rule.branches().map(|key| Some(Branch::read(key))).collect(),
            false => vec![None],
        };
        for branch in branches {
            let by_telephone = branch.as_ref() == Some(&Branch::read(BY_TELEPHONE));
            let watches = if by_telephone { Watches::ProviderTold } else { watches };
            if let Some(event) = started_as(draft, &rule, branch.as_ref(), &Urgency::Standard, events, watches) {
                draft.emit(event)?;
            }
        }
    }
    Ok(())
}

/// Something reached its reader, or was said on the telephone: the clocks of telling that it meets are met.
pub(super) fn delivered(draft: &mut Draft<'_>, notice: u32, delivery: &Delivery) -> Result<(), Refused> {
    let purpose = draft.case().notices.iter().find(|n| n.id == notice).map(|n| n.purpose);
    let Some(purpose) = purpose.filter(|_| delivery.succeeded) else { return Ok(()) };
    let calls = [("provider", Watches::ProviderTold), ("member", Watches::MemberTold)];
    if let Some((_, watches)) = calls.iter().find(|(who, _)| tells_outcome(purpose) && delivery.recipient == *who) {
        called(draft, *watches, delivery)?;
        provider_told(draft)?;
    }
    if delivery.recipient != "member" {
        return Ok(());
    }
    if purpose == Purpose::ExpediteDeclined {
        let letter = draft.case().notices.iter().filter(|n| n.purpose == purpose).all(in_writing);
        if letter {
            return meet_all(draft, |clock| clock.watches == Watches::ExpediteLetter);
        }
        let runs = draft.case().clocks.iter().any(|c| c.watches == Watches::ExpediteLetter && c.is_open());
        if !delivery.is_oral() || runs {
            return Ok(());
        }
        let scope = draft.case().scope_about("notice", "expedite-request-denied");
        let events = [(ORAL_DECLINE, draft.now)];
        return begin(draft, &scope, &events, Watches::ExpediteLetter);
    }
    outcome_told(draft)
}

fn in_writing(notice: &NoticeState) -> bool {
    notice.given().is_some()
}

/// The calls that this delivery makes are met, and what counts from a call to the provider begins.
fn called(draft: &mut Draft<'_>, watches: Watches, delivery: &Delivery) -> Result<(), Refused> {
    let open: Vec<Clock> =
        draft.case().clocks.iter().filter(|c| c.is_open() && c.watches == watches).cloned().collect();
    for clock in open {
        let rule = draft.books.law.by_digest(&clock.pin.digest).map(AsRef::as_ref);
        if watches == Watches::ProviderTold && !telling::is_call(rule, &clock, delivery)
            || watches == Watches::MemberTold && !delivery.is_oral()
        {
            continue;
        }
        meet(draft, &clock)?;
        telling::called(draft, &clock)?;
    }
    Ok(())
}

/// The provider's letters are met when every one of them has gone out in writing.
fn provider_told(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let theirs = |n: &&NoticeState| n.to == Audience::Provider && tells_outcome(n.purpose);
    if draft.case().is_determined() && draft.case().notices.iter().filter(theirs).all(in_writing) {
        meet_all(draft, |clock| clock.watches == Watches::ProviderLetter)?;
    }
    Ok(())
}

/// Notices of the outcome are met when every one has gone out in writing. By telephone is enough where the rule says within
/// which time the letter follows; that time runs then.
fn outcome_told(draft: &mut Draft<'_>) -> Result<(), Refused> {
    let case = draft.case();
    if !case.is_determined() {
        return Ok(());
    }
    let outcome = || case.notices.iter().filter(|n| tells_outcome(n.purpose) && n.to == Audience::Member);
    if outcome().all(in_writing) {
        return meet_all(draft, |clock| clock.watches == Watches::Notice);
    }
    if !outcome().all(|n| in_writing(n) || n.told_by_telephone()) {
        return Ok(());
    }
    let open = |c: &&Clock| c.is_open() && c.watches == Watches::Notice && c.from != ORAL;
    let told: Vec<Clock> = case.clocks.iter().filter(open).cloned().collect();
    for clock in told {
        let Some(letter) = draft.books.law.by_digest(&clock.pin.digest).and_then(|rule| letter_after(rule)) else {
            continue;
        };
        meet(draft, &clock)?;
        let events = [(ORAL, draft.now)];
        if let Some(event) = started_as(draft, &letter, None, &Urgency::Standard, &events, Watches::Notice) {
            draft.emit(event)?;
        }
    }
    Ok(())
}

/// The rule as it stands once the member was told by telephone: the letter's time is its limit.
fn letter_after(rule: &Rule) -> Option<Rule> {
    Some(telling::limited(rule, rule.notice.as_ref()?.written_after_oral?, ORAL))
}

fn meet_all(draft: &mut Draft<'_>, which: impl Fn(&Clock) -> bool) -> Result<(), Refused> {
    let open: Vec<Clock> = draft.case().clocks.iter().filter(|c| c.is_open() && which(c)).cloned().collect();
    for clock in &open {
        meet(draft, clock)?;
    }
    Ok(())
}

/// A clock is met; a missed one is recorded first.
fn meet(draft: &mut Draft<'_>, clock: &Clock) -> Result<(), Refused> {
    let late = lapse_if_late(draft, clock)?;
    draft.emit(Event::ClockSatisfied { clock: clock.id, late })
}

/// The arithmetic of the letter's time after a telephone call in words; none for every other clock.
pub fn steps(rule: &Rule, clock: &Clock, zone: &Zone) -> Option<Vec<Step>> {
    let after = rule.notice.as_ref().and_then(|n| n.written_after_oral).filter(|_| clock.from == ORAL)?;
    let says = format!(
        "{} for the letter after the member was told by telephone: {}.",
        after.unit.spoken(after.amount),
        moment_in_words(clock.started_at, zone)
    );
    Some(vec![Step::new(says, Some(&rule.cite))])
}
