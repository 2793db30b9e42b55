//! The hospital's pages: who is in the house and in what status, what is due, what each payer said, and one stay with all
//! that may be done about it. Every look at a stay goes on the trail, a list names all its stays in one row.

pub mod board;
pub mod census;
pub mod enquiry;
pub mod figures;
pub mod live;
pub mod measures;
pub mod parked;
pub mod stay;

use std::collections::BTreeMap;

use axum::{
    Router,
    routing::{get, post},
};
use sha2::{Digest as _, Sha256};
use vigil_domain::{
    party::LineOfBusiness,
    stay::facility::Facility,
    time::{Moment, Zone},
};
use vigil_store::SubjectKey;

use super::{error::PageError, form::Form, words};
use crate::{
    access::{Permission, SignedIn, trail},
    app::App,
};

/// The routes of the hospital's pages.
pub fn pages() -> Router<App> {
    Router::new()
        .route("/census", get(census::show))
        .route("/board/{kind}", get(board::show))
        .route("/enquiry", get(enquiry::show).post(enquiry::find))
        .route("/feed/parked", get(parked::list))
        .route("/feed/parked/{key}", get(parked::show))
        .route("/feed/parked/{key}/replay", post(parked::replay))
        .route("/hospital/measures", get(measures::show))
        .route("/live", get(live::changes))
        .route("/stay/{id}", get(stay::show))
        .route("/stay/{id}/do/{action}", get(stay::open_form).post(stay::act))
        .route("/stay/{id}/document/{digest}", get(stay::document))
        .route("/stay/{id}/notice/{notice}", get(stay::form::show))
        .route("/stay/{id}/print", post(stay::print))
}

/// The hospitals a page may show, and the one it shows.
#[derive(Debug, Clone)]
pub struct Hospitals {
    /// All of the tenant's, in order of id.
    pub all: Vec<Facility>,
    /// The one chosen; none shows all.
    pub chosen: Option<String>,
}

impl Hospitals {
    /// Reads them, with the choice of a form.
    ///
    /// # Errors
    /// A fault of the store.
    pub fn of(app: &App, tenant: &str, form: &Form) -> Result<Self, PageError> {
        let all = app.desk.facilities(tenant)?;
        let chosen = form.some("hospital").filter(|id| all.iter().any(|f| f.id == *id));
        Ok(Self { all, chosen })
    }

    /// Choices of a filter: id, name, chosen.
    pub fn choices(&self) -> Vec<(String, String, bool)> {
        let chosen = |f: &Facility| self.chosen.as_ref() == Some(&f.id);
        self.all.iter().map(|f| (f.id.clone(), f.name.clone(), chosen(f))).collect()
    }

    /// The name of a hospital; its id where the record is gone.
    pub fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.all.iter().find(|f| f.id == id).map_or(id, |f| &f.name)
    }

    /// By id the words of each hospital's name that not all hospitals of the tenant share: `Riverside`. Nothing where one
    /// hospital is shown, or there is only one.
    pub fn apart(&self) -> BTreeMap<&str, String> {
        let shared = |word: &str| self.all.iter().all(|f| f.name.split(' ').any(|other| other == word));
        let own = |f: &Facility| f.name.split(' ').filter(|word| !shared(word)).collect::<Vec<_>>().join(" ");
        self.all.iter().filter(|_| self.chosen.is_none()).map(|f| (f.id.as_str(), own(f))).collect()
    }

    /// The zone of the page's "today": the chosen hospital's, else the first one's.
    pub fn zone(&self) -> Option<&Zone> {
        let chosen = self.chosen.as_ref().and_then(|id| self.all.iter().find(|f| f.id == *id));
        chosen.or_else(|| self.all.first()).map(|f| &f.zone)
    }
}

/// Zones by name, each looked up once a page.
#[derive(Default)]
pub struct ZoneBook(BTreeMap<String, Zone>);

impl ZoneBook {
    /// The zone of a row. A row's zone was a facility's; a name this release does not know reads as UTC and says so.
    pub fn get(&mut self, name: &str) -> &Zone {
        self.0.entry(name.to_owned()).or_insert_with(|| {
            Zone::named(name).unwrap_or_else(|_| Zone::named("UTC").expect("UTC is in the bundled zone database"))
        })
    }
}

/// A word for exactly this list in this session: a refresh that shows the same stays is not another look.
pub fn seen<'a>(who: &SignedIn, stays: impl Iterator<Item = &'a str>) -> String {
    let mut digest = Sha256::new().chain_update(who.session);
    for stay in stays {
        digest.update(stay);
        digest.update([0]);
    }
    digest.finalize().iter().take(8).map(|b| format!("{b:02x}")).collect()
}

/// Writes one row for a list of stays, unless exactly this list was shown to this session before.
///
/// # Errors
/// When it cannot be recorded the page is not shown.
pub async fn looked(
    app: &App,
    who: &SignedIn,
    form: &Form,
    stays: Vec<String>,
    page: &str,
) -> Result<String, PageError> {
    let seen = seen(who, stays.iter().map(String::as_str));
    if form.get("seen") != seen {
        trail::looked(app, who, "list", stays.into_iter().map(SubjectKey::stay).collect(), page).await?;
    }
    Ok(seen)
}

/// Only people of the hospital's side see stays.
///
/// # Errors
/// The page that says which role is missing.
pub fn may_read(who: &SignedIn) -> Result<(), PageError> {
    who.require(Permission::ReadStays)
}

/// What pages call a patient status or a supported status.
pub fn status_title(word: &str) -> String {
    match word {
        "pre-admit" | "preadmit" => "Pre-admit".to_owned(),
        "emergency" => "Emergency".to_owned(),
        "leave-of-absence" => "On leave".to_owned(),
        other => words::capital(&words::plain(other)),
    }
}

/// What pages call what a clock watches.
pub fn watch_title(word: &str) -> String {
    match word {
        "initial_review" => "first review".to_owned(),
        "payer_notification" => "tell the payer".to_owned(),
        "clinicals" => "send clinicals".to_owned(),
        "payer_answer" => "payer’s answer".to_owned(),
        "more_days" => "ask for more days".to_owned(),
        "advisor_answer" => "physician advisor’s answer".to_owned(),
        "attending_answer" => "attending’s answer".to_owned(),
        "committee_determination" => "UR committee’s determination".to_owned(),
        "committee_notice" => "UR committee’s notice".to_owned(),
        "plan_review" => "UR plan’s review".to_owned(),
        "peer_to_peer" => "peer-to-peer".to_owned(),
        "qio_records" => "records to the QIO".to_owned(),
        "qio_answer" => "QIO’s decision".to_owned(),
        "post_acute" => "post-acute answer".to_owned(),
        "query" => "physician query".to_owned(),
        other => words::plain(other),
    }
}

/// What pages call the basis of a status.
pub fn basis_title(word: &str) -> String {
    match word {
        "contract" => "the payer’s contract decides".to_owned(),
        "no-order" | "no_order" => "no inpatient order".to_owned(),
        "not-shown" | "not_shown" => "no basis shown yet".to_owned(),
        other => words::plain(other),
    }
}

/// A line of business as people say it; a dash when nothing is known.
pub fn line_title(word: &str) -> String {
    if word.is_empty() { "–".to_owned() } else { LineOfBusiness::read(word).title().to_owned() }
}

/// `Nov 22, 1:05 PM EST`: a moment of this stay on a dense list.
pub fn short(at: Moment, zone: &Zone, now: Moment) -> String {
    words::near(at, zone, now)
}
