//! What feeds say, taken once; and the coverage of the patient, as registration or a person states it.

use std::sync::Arc;

use super::{Draft, must_be_listed, must_say, refuse};
use crate::{
    party::LineOfBusiness,
    stay::{
        command::Actor,
        event::{Event, Hospital},
        news::{NewsKind, PayerNews, StayNews},
        payer::{CoverageChange, Held, PayerTerms},
        refusal::{Refusal, Refused},
    },
    time::Day,
};

/// Takes one piece of news. The same news twice is one.
pub(super) fn take(
    draft: &mut Draft<'_>,
    id: String,
    hospital: Arc<Hospital>,
    news: Arc<StayNews>,
    terms: &[PayerTerms],
    scenario: Option<String>,
) -> Result<(), Refused> {
    if !draft.has_stay() {
        draft.emit(Event::StayOpened { stay: id, hospital, scenario })?;
    }
    if draft.stay().news.iter().any(|known| known.id == news.id) {
        return Ok(());
    }
    let before = draft.stay().track.payers.last().map(|p| p.is.clone());
    let moves = matches!(
        news.kind,
        NewsKind::Admit | NewsKind::Transfer | NewsKind::ClassUp | NewsKind::ClassDown | NewsKind::CancelDischarge
    );
    draft.emit(Event::NewsTaken { news })?;
    let told = draft.stay().track.payers.last().map(|p| p.is.clone());
    if let Some(payers) = told.filter(|now| before.as_ref() != Some(now)) {
        registered(draft, &payers, terms)?;
    }
    if moves && draft.stay().dismissed.is_some() {
        draft.emit(Event::ReviewsResumed { why: "the patient moved".into() })?;
    }
    Ok(())
}

/// Coverage as registration tells it: a snapshot.
fn registered(draft: &mut Draft<'_>, payers: &[PayerNews], terms: &[PayerTerms]) -> Result<(), Refused> {
    let known = |news: &PayerNews| draft.stay().held.iter().find(|h| h.payer_id == news.payer_id);
    let held: Vec<Held> = payers
        .iter()
        .map(|news| Held {
            payer_id: news.payer_id.clone(),
            plan_id: news.plan_id.clone(),
            name: news.name.clone(),
            member_id: news.member_id.clone(),
            line_of_business: news.line_of_business.clone().unwrap_or_else(|| LineOfBusiness::read("unknown")),
            part_b: known(news).and_then(|h| h.part_b),
            terms: PayerTerms::that_fit(terms, &news.payer_id, &news.plan_id)
                .cloned()
                .map(Box::new)
                .or_else(|| known(news).and_then(|h| h.terms.clone())),
        })
        .collect();
    if held == draft.stay().held {
        return Ok(());
    }
    draft.emit(Event::CoverageStated {
        held,
        change: CoverageChange::Registered,
        from: None,
        person: "feed".into(),
        basis: "registration".into(),
    })
}

/// Coverage as a person states it: pending, retroactive, exhausted, a newborn's, or put right.
pub(super) fn state_coverage(
    draft: &mut Draft<'_>,
    by: &Actor,
    held: Vec<Held>,
    change: CoverageChange,
    from: Option<Day>,
    basis: String,
) -> Result<(), Refused> {
    must_say("coverage.basis", &basis, "The ground of the change")?;
    must_be_listed("coverage.change", change.is_known(), change.word(), "reason for a change of coverage")?;
    if let Some(line) = held.first().map(|first| &first.line_of_business) {
        let known = line.is_known() || line.word() == "unknown";
        must_be_listed("coverage.line", known, line.word(), "line of business")?;
    }
    if change == CoverageChange::Retroactive && from.is_none() {
        return refuse(Refusal::house(
            "coverage.from",
            "Retroactive coverage has a first day.",
            "Enter the day from which it applies; earlier answers of the former payer stay as they were said.",
        ));
    }
    draft.emit(Event::CoverageStated { held, change, from, person: by.person.clone(), basis })
}
