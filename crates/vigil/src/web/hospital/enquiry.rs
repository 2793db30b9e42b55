//! Enquiries: somebody is on the telephone and asks. One field finds the stay; one card answers: status, authorization,
//! days, last covered day, next review. What is looked for never stands in an address.

use askama::Template;
use axum::{Form as Posted, extract::State, response::Response};
use vigil_desk::hospital::project::key;
use vigil_store::{CensusRow, PayerRow};

use super::{Hospitals, ZoneBook, line_title, may_read, status_title};
use crate::{
    access::{SignedIn, trail},
    app::App,
    web::{
        error::PageError,
        form::Form,
        frame::{Frame, Tab as Place, render},
        words,
    },
};

/// Stays shown at most; more ask for a longer word.
const MOST: usize = 12;

/// What a payer has said, for the one who asks.
#[derive(Debug, Clone)]
struct PayerView {
    name: String,
    line: String,
    told: String,
    asked: String,
    answer: String,
    authorization: String,
    through: String,
    next_review: String,
    disputes: String,
}

/// The answer about one stay.
#[derive(Debug, Clone)]
struct Card {
    id: String,
    patient: String,
    hospital: String,
    visit: String,
    bed: String,
    attending: String,
    status: String,
    since: String,
    basis: String,
    midnights: u32,
    expected_discharge: String,
    at_risk: u32,
    next_review: String,
    escalation: String,
    payers: Vec<PayerView>,
}

#[derive(Template)]
#[template(path = "hospital/enquiry.html")]
struct EnquiryPage {
    frame: Frame,
    asked: String,
    searched: bool,
    more: bool,
    cards: Vec<Card>,
}

/// `GET /enquiry`: the field.
///
/// # Errors
/// No permission.
pub async fn show(who: SignedIn) -> Result<Response, PageError> {
    may_read(&who)?;
    let frame = who.frame("Enquiries", Place::Census);
    Ok(render(&EnquiryPage { frame, asked: String::new(), searched: false, more: false, cards: Vec::new() }))
}

/// `POST /enquiry`: the answer.
///
/// # Errors
/// No permission, or a fault.
pub async fn find(
    State(app): State<App>,
    who: SignedIn,
    Posted(pairs): Posted<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    may_read(&who)?;
    let form = Form::new(pairs);
    let asked = form.get("asked").to_owned();
    let hospitals = Hospitals::of(&app, &who.tenant, &form)?;
    let mut found = if asked.len() < 2 { Vec::new() } else { stays(&app, &who.tenant, &hospitals, &asked)? };
    let more = found.len() > MOST;
    found.truncate(MOST);
    let subjects = found.iter().map(|row| vigil_store::SubjectKey::stay(&row.stay_id)).collect();
    trail::looked(&app, &who, "search", subjects, "enquiry").await?;
    let mut zones = ZoneBook::default();
    let mut cards = Vec::new();
    for row in &found {
        let payers: Vec<PayerRow> = app.desk.store.rows_of_stay(&who.tenant, &row.stay_id)?;
        cards.push(card(&app, row, &payers, zones.get(&row.zone)));
    }
    let frame = who.frame("Enquiries", Place::Census);
    Ok(render(&EnquiryPage { frame, asked, searched: true, more, cards }))
}

/// Stays by visit, account, patient or member number, authorization number, or the words of a name; in the house first.
fn stays(app: &App, tenant: &str, hospitals: &Hospitals, asked: &str) -> Result<Vec<CensusRow>, PageError> {
    let store = &app.desk.store;
    let mut ids: Vec<String> = Vec::new();
    for kind in [key::NUMBER, key::AUTHORIZATION, key::MEMBER] {
        ids.extend(store.stays_by_key(tenant, kind, asked, MOST)?);
    }
    let words: Vec<String> = asked
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect();
    if let Some((first, rest)) = words.split_first() {
        let mut named = store.stays_by_key(tenant, key::NAME, first, 200)?;
        for word in rest {
            let also = store.stays_by_key(tenant, key::NAME, word, 200)?;
            named.retain(|id| also.contains(id));
        }
        ids.extend(named);
    }
    let mut rows: Vec<CensusRow> = Vec::new();
    for id in ids {
        if rows.iter().any(|row| row.stay_id == id) {
            continue;
        }
        rows.extend(store.stay(tenant, &id)?.filter(|row| !row.confidential));
    }
    // Rows written by an earlier release have no such key: the census shows at least who is in the house.
    if rows.is_empty() {
        let here = store.census(tenant, hospitals.chosen.as_deref())?;
        rows.extend(
            here.into_iter().filter(|row| !row.confidential && (row.visit == asked || row.patient_number == asked)),
        );
    }
    rows.sort_by_key(|row| (!row.in_house, row.patient.clone()));
    Ok(rows)
}

fn card(app: &App, row: &CensusRow, payers: &[PayerRow], zone: &vigil_domain::time::Zone) -> Card {
    let now = app.desk.time.now();
    let today = zone.day(now);
    let at = |at: Option<vigil_domain::time::Moment>| at.map(|at| words::moment(at, zone)).unwrap_or_default();
    let since = match row.status.as_str() {
        "inpatient" => at(row.admitted_at),
        "observation" => at(row.observed_at),
        "discharged" => at(row.discharged_at),
        _ => at(row.first_care_at),
    };
    let payer = |row: &PayerRow| PayerView {
        name: row.payer_name.clone(),
        line: line_title(&row.line_of_business),
        told: row.notified.as_ref().map_or_else(
            || "not told yet".to_owned(),
            |(when, reference)| {
                format!(
                    "{}{}",
                    words::moment(*when, zone),
                    reference.as_ref().map(|r| format!(", reference {r}")).unwrap_or_default()
                )
            },
        ),
        asked: row
            .asked
            .as_ref()
            .map(|(when, what)| format!("{} {}", words::plain(what), words::moment(*when, zone)))
            .unwrap_or_default(),
        answer: row.answer.as_ref().map_or_else(
            || "none yet".to_owned(),
            |(when, what, by, how)| {
                format!("{}, {}, said by {by} by {}", words::plain(what), words::moment(*when, zone), words::plain(how))
            },
        ),
        authorization: row.authorization.clone().unwrap_or_else(|| "none".to_owned()),
        through: words::day_or(row.through, "none"),
        next_review: words::day_or(row.next_review_on, "not said"),
        disputes: row.disputes.iter().map(|d| words::plain(d)).collect::<Vec<_>>().join("; "),
    };
    Card {
        id: row.stay_id.clone(),
        patient: format!("{} · {}", row.patient, words::age_and_sex(row.birth_day, &row.sex, today)),
        hospital: row.hospital_name.clone(),
        visit: row.visit.clone(),
        bed: row.bed.clone(),
        attending: row.attending.clone(),
        status: status_title(&row.status),
        since,
        basis: words::plain(&row.basis),
        midnights: row.midnights(now),
        expected_discharge: row
            .expected_discharge_at
            .map(|at| words::day(zone.day(at)))
            .unwrap_or_else(|| "not said".into()),
        at_risk: row.days_at_risk(now),
        next_review: words::day_or(row.next_review_on, "none"),
        escalation: row
            .escalation
            .as_ref()
            .map(|(rung, who)| format!("{}: {who}", words::plain(rung)))
            .unwrap_or_default(),
        payers: payers.iter().filter(|p| p.order > 0).map(payer).collect(),
    }
}
