//! From the form to a request, or to every problem at its place.

use vigil_domain::{
    code::{Code, CodeSystem},
    party::{Address, Member, Npi, PersonName, Provider, Sex},
    request::{
        Certification, Channel, Circumstance, Diagnosis, ExpediteAsker, Quantity, Receipt, Request, Review,
        ServiceLine, StatedMember, Urgency,
    },
    time::{Day, Moment, Zone},
};

use crate::web::{case::commands::local_moment, form::Form, words};

/// What the roster and the directory know.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// The member.
    pub member: Option<Member>,
    /// The payer to ask.
    pub payer_id: String,
    /// The requester, by NPI.
    pub requester: Option<Provider>,
    /// The facility, by NPI.
    pub facility: Option<Provider>,
}

/// One problem at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field.
    pub field: String,
    /// What people call it.
    pub label: &'static str,
    /// What is wrong and what to do.
    pub says: String,
}

/// A receipt longer ago than this is asked about: a slip in the year would start clocks that have all run out.
const LONG_AGO: jiff::SignedDuration = jiff::SignedDuration::from_hours(30 * 24);

/// States, the District of Columbia, territories and military addresses, as the Postal Service writes them.
const STATES: [&str; 62] = [
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI", "FM",
    "MH", "PW", "AA", "AE", "AP",
];

struct Reader<'a> {
    form: &'a Form,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn wrong(&mut self, field: impl Into<String>, label: &'static str, says: impl Into<String>) {
        self.problems.push(Problem { field: field.into(), label, says: says.into() });
    }

    fn day(&mut self, name: &str, place: &str, label: &'static str) -> Option<Day> {
        let text = self.form.some(name)?;
        let day = text.parse().ok();
        if day.is_none() {
            self.wrong(place, label, format!("{text:?} is not a date. Write it as 2026-03-13, or choose it."));
        }
        day
    }

    fn needed(&mut self, name: &str, label: &'static str, says: &str) -> String {
        let text = self.form.get(name).to_owned();
        if text.is_empty() {
            self.wrong(name, label, says);
        }
        text
    }
}

/// The request of the form.
///
/// # Errors
/// Every problem, each at its field.
pub fn request(form: &Form, known: &Known, entered_by: &str, now: Moment) -> Result<Request, Vec<Problem>> {
    let mut reader = Reader { form, problems: Vec::new() };
    let receipt = receipt(&mut reader, entered_by, now);
    let member = member(&mut reader, known, Zone::named(form.get("zone")).ok().map(|zone| zone.day(now)));
    let requester = provider(&mut reader, "npi", "requester", known.requester.as_ref(), "Requester", true);
    let facility = provider(&mut reader, "facility_npi", "facility", known.facility.as_ref(), "Facility", false);
    let diagnoses = diagnoses(&mut reader);
    let lines = lines(&mut reader);
    let review = Review::read(form.some("review").as_deref().unwrap_or("prospective"));
    if !review.is_known() {
        reader.wrong("review", "When", "Choose before, during or after the service.");
    }
    let urgency = match form.get("urgency") {
        "expedited" => Urgency::Expedited,
        "standard" | "" => Urgency::Standard,
        _ => {
            reader.wrong("urgency", "Urgency", "Choose standard or expedited.");
            Urgency::Standard
        }
    };
    let asker = receipt.expedite_asked_by.as_ref();
    if asker.map_or(urgency == Urgency::Expedited, |asker| !asker.is_known()) {
        reader.wrong(
            "asker",
            "Who asked to expedite",
            "Say who asked to expedite: it decides whether it may be declined.",
        );
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    Ok(Request {
        receipt,
        review,
        urgency,
        payer_id: known.payer_id.clone(),
        payer_name: None,
        plan_id: None,
        member,
        requester: requester.unwrap_or_default(),
        practitioner: None,
        facility,
        diagnoses,
        lines,
        items: Vec::new(),
        documents: Vec::new(),
        identifiers: Vec::new(),
        updates: Vec::new(),
        note: form.some("note"),
        circumstances: Circumstance::ALL.iter().filter(|c| form.ticked(&circumstance_field(c))).cloned().collect(),
        cut: None,
    })
}

/// The tick box of a circumstance.
pub fn circumstance_field(circumstance: &Circumstance) -> String {
    format!("circumstance-{}", circumstance.word())
}

fn receipt(reader: &mut Reader<'_>, entered_by: &str, now: Moment) -> Receipt {
    let form = reader.form;
    let mut received_at = now;
    match (form.some("received_at"), Zone::named(form.get("zone"))) {
        (None, _) => {}
        (Some(_), Err(_)) => {
            reader.wrong("received_at", "Reached us", "The zone is not known. Choose one of the list.")
        }
        (Some(text), Ok(zone)) => match local_moment(&text, &zone) {
            Some(at) if at > now => {
                reader.wrong("received_at", "Reached us", "This lies in the future. Enter when it reached us.");
            }
            Some(at) if at < now - LONG_AGO && !form.ticked("long_ago") => reader.wrong(
                "received_at",
                "Reached us",
                "This is more than 30 days ago, and the law's clocks run from it. Check the year, or tick that it is so.",
            ),
            Some(at) => received_at = at,
            None => reader.wrong("received_at", "Reached us", format!("{text:?} is not a date and time.")),
        },
    }
    let proof = reader.needed(
        "proof",
        "Proof of the time",
        "Say what proves the time: fax banner, call recording number, portal message.",
    );
    let channel = match form.get("channel") {
        "" => {
            reader.wrong("channel", "Channel", "Choose how it reached us.");
            Channel::Phone
        }
        word => {
            let channel = Channel::read(word);
            if !channel.is_known() {
                reader.wrong("channel", "Channel", "Choose one of the list.");
            }
            channel
        }
    };
    Receipt {
        channel,
        received_at,
        proof,
        entered_at: now,
        entered_by: entered_by.to_owned(),
        caller: form.some("caller"),
        authority: form.some("authority"),
        expedite_asked_by: form.some("asker").map(|word| ExpediteAsker::read(&word)),
        form_note: form.some("form_note"),
    }
}

fn member(reader: &mut Reader<'_>, known: &Known, today: Option<Day>) -> StatedMember {
    let address = address(reader);
    let phone = reader.form.some("phone");
    if let Some(member) = &known.member {
        return StatedMember {
            standing: Default::default(),
            member_id: member.member_id.clone(),
            subscriber_id: None,
            name: member.name.clone(),
            birth_day: member.birth_day,
            sex: member.sex.clone(),
            address: member.address.clone().or(address),
            phone: member.phone.clone().or(phone),
            language: member.language.clone().or(reader.form.some("language")),
        };
    }
    let member_id = reader.needed("member", "Member", "Enter the member number on the card, or a name to look up.");
    let family = reader.needed("family", "Family name", "Nobody on the roster was chosen, so the name is needed.");
    let birth_day = reader.day("born", "born", "Birth date");
    if birth_day > today && today.is_some() {
        reader.wrong("born", "Birth date", "This day has not come yet.");
    }
    StatedMember {
        standing: Default::default(),
        member_id,
        subscriber_id: None,
        name: PersonName { family, given: reader.form.get("given").to_owned() },
        birth_day,
        sex: Sex::read(reader.form.some("sex").as_deref().unwrap_or("unknown")),
        address,
        phone,
        language: reader.form.some("language"),
    }
}

/// Where letters to the member go. Half an address is no address; none at all holds the letters until somebody fills it.
fn address(reader: &mut Reader<'_>) -> Option<Address> {
    let lines = reader.form.lines("street");
    let (city, state, zip) = (
        reader.form.get("city").to_owned(),
        reader.form.get("state").to_uppercase(),
        reader.form.get("zip").to_owned(),
    );
    if lines.is_empty() && [&city, &state, &zip].iter().all(|part| part.is_empty()) {
        return None;
    }
    if lines.is_empty() || city.is_empty() {
        reader.wrong("street", "Letters go to", "Enter street and city, or leave the address empty.");
    }
    if !STATES.contains(&state.as_str()) {
        reader.wrong("state", "State", "Enter the state as two letters, such as NY.");
    }
    let digits = zip.chars().filter(char::is_ascii_digit).count();
    if !matches!(digits, 5 | 9) || !zip.chars().all(|c| c.is_ascii_digit() || c == '-') {
        reader.wrong("zip", "ZIP code", "Enter five digits, or nine with a dash.");
    }
    Some(Address { lines, city, state, zip })
}

fn provider(
    reader: &mut Reader<'_>,
    npi_field: &str,
    name_field: &str,
    known: Option<&Provider>,
    label: &'static str,
    needed: bool,
) -> Option<Provider> {
    if let Some(known) = known {
        return Some(known.clone());
    }
    let (npi, name) = (reader.form.some(npi_field), reader.form.get(name_field).to_owned());
    if npi.is_none() && name.is_empty() {
        if needed {
            reader.wrong(npi_field, label, "Enter the requester's NPI, or at least the name.");
        }
        return None;
    }
    if let Some(number) = npi.as_deref().filter(|n| Npi::checked(n).is_none()) {
        reader.wrong(npi_field, label, format!("{number} is no NPI: ten digits, and the last one checks the others."));
    }
    if name.is_empty() {
        reader.wrong(name_field, label, "The directory does not know this NPI: enter the name.");
    }
    Some(Provider { npi, name, organization: npi_field != "npi", ..Provider::default() })
}

fn diagnoses(reader: &mut Reader<'_>) -> Vec<Diagnosis> {
    let text = reader.needed("diagnoses", "Diagnoses", "Enter at least one ICD-10-CM code, one a line.");
    let mut found = Vec::new();
    for (place, entry) in text.split([',', '\n', ';']).map(str::trim).filter(|e| !e.is_empty()).enumerate() {
        let (code, label) = entry.split_once(' ').map_or((entry, None), |(c, l)| (c, Some(l.trim().to_owned())));
        let code = code.to_uppercase();
        let mut letters = code.chars();
        let shaped = letters.next().is_some_and(|c| c.is_ascii_alphabetic())
            && letters.next().is_some_and(|c| c.is_ascii_digit())
            && code.chars().all(|c| c.is_ascii_alphanumeric() || c == '.')
            && (3..=8).contains(&code.len());
        if !shaped {
            reader.wrong(
                "diagnoses",
                "Diagnoses",
                format!("{entry:?} does not look like an ICD-10-CM code such as J44.9."),
            );
            continue;
        }
        found.push(Diagnosis {
            sequence: place as u32 + 1,
            code: Code { label, ..Code::new(CodeSystem::Icd10Cm, code) },
            role: (place == 0).then(|| "principal".to_owned()),
            recorded_on: None,
        });
    }
    found
}

fn lines(reader: &mut Reader<'_>) -> Vec<ServiceLine> {
    let count = reader.form.get("lines").parse::<usize>().unwrap_or(2).clamp(1, 12);
    let mut found = Vec::new();
    for n in 1..=count {
        let place = format!("line{n}");
        let text = |name: &str| reader.form.get(&format!("{name}{n}")).to_owned();
        let (code, words_given, amount) = (text("code").to_uppercase(), text("words"), text("amount"));
        let unit = Some(text("unit")).filter(|u| !u.is_empty()).unwrap_or_else(|| "unit".to_owned());
        if code.is_empty() && words_given.is_empty() && amount.is_empty() {
            continue;
        }
        if code.is_empty() {
            reader.wrong(place.clone(), "Service", format!("Line {n} has no service code."));
        }
        let number = match amount.parse::<f64>() {
            _ if amount.is_empty() => None,
            Ok(number) if number > 0.0 && number.is_finite() => Some(number),
            _ => {
                reader.wrong(place.clone(), "Amount", format!("Line {n}: {amount:?} is not an amount above zero."));
                None
            }
        };
        let from = reader.day(&format!("from{n}"), &place, "First day");
        let through = reader.day(&format!("through{n}"), &place, "Last day");
        if let (Some(first), Some(last)) = (from, through)
            && last < first
        {
            let says = format!("Line {n} ends on {}, before it begins on {}.", words::day(last), words::day(first));
            reader.wrong(place.clone(), "Days", says);
        }
        found.push(ServiceLine {
            sequence: found.len() as u32 + 1,
            service: Code::new(system(&code), code),
            also: Vec::new(),
            modifiers: Vec::new(),
            description: Some(words_given).filter(|w| !w.is_empty()),
            quantity: number.map(|amount| Quantity { amount, unit }),
            from,
            through,
            place: None,
            provider: None,
            certification: Certification::Initial,
            drug: reader.form.ticked(&format!("drug{n}")),
            diagnoses: Vec::new(),
            earlier_authorization: None,
            cancelled: false,
            changed: None,
        });
    }
    if found.is_empty() && !reader.problems.iter().any(|p| p.field.starts_with("line")) {
        reader.wrong("line1", "Service", "Enter at least one service line.");
    }
    found
}

/// Whose code it looks like: a letter and four digits are HCPCS Level II, five digits CPT, four digits a revenue code.
fn system(code: &str) -> CodeSystem {
    let digits = code.chars().filter(char::is_ascii_digit).count();
    match (code.len(), digits) {
        (5, 5) => CodeSystem::Cpt,
        (4, 4) => CodeSystem::Revenue,
        (3, 3) => CodeSystem::Drg,
        (7, _) => CodeSystem::Icd10Pcs,
        _ => CodeSystem::Hcpcs,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        Form::new(pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect())
    }

    fn now() -> Moment {
        "2026-11-22T15:00:00Z".parse().unwrap()
    }

    const GOOD: &[(&str, &str)] = &[
        ("member", "1EG4"),
        ("family", "Doe"),
        ("npi", "1234567893"),
        ("requester", "Lakeside Clinic"),
        ("diagnoses", "j44.9 COPD, I50.9"),
        ("code1", "e1390"),
        ("amount1", "1"),
        ("from1", "2026-11-25"),
        ("channel", "fax"),
        ("zone", "America/New_York"),
        ("received_at", "2026-11-20T18:10"),
        ("proof", "fax banner"),
    ];

    #[test]
    fn a_typed_request_is_read_whole() {
        let request = request(&form(GOOD), &Known::default(), "nora", now()).unwrap();
        assert_eq!(request.receipt.received_at.to_string(), "2026-11-20T23:10:00Z", "the time may precede entry");
        assert_eq!(request.receipt.entered_at, now());
        assert_eq!(request.lines[0].service, Code::new(CodeSystem::Hcpcs, "E1390"));
        assert_eq!(request.diagnoses.len(), 2);
        assert_eq!(request.diagnoses[0].code.value, "J44.9");
    }

    #[test]
    fn a_slip_of_the_pen_is_asked_about() {
        let slip = |more: &[(&str, &str)]| {
            let mut pairs = more.to_vec();
            pairs.extend([("zone", "America/New_York"), ("channel", "fax"), ("proof", "banner"), ("family", "Roe")]);
            let problems = request(&form(&pairs), &Known::default(), "nora", now()).unwrap_err();
            problems.into_iter().map(|p| p.field).collect::<Vec<_>>()
        };
        assert!(slip(&[("received_at", "2024-11-20T10:00")]).contains(&"received_at".to_owned()));
        assert!(!slip(&[("received_at", "2024-11-20T10:00"), ("long_ago", "on")]).contains(&"received_at".to_owned()));
        assert!(!slip(&[("received_at", "2026-11-12T10:00")]).contains(&"received_at".to_owned()));
        assert!(slip(&[("born", "2031-01-01")]).contains(&"born".to_owned()));
        assert!(slip(&[("review", "nonsense")]).contains(&"review".to_owned()));
        assert!(slip(&[("channel", "pigeon")]).contains(&"channel".to_owned()));
        assert!(
            slip(&[("street", "1 A"), ("city", "B"), ("state", "ZZ"), ("zip", "12345")]).contains(&"state".to_owned())
        );
    }

    #[test]
    fn every_problem_is_shown_at_its_place() {
        let bad = form(&[
            ("npi", "1234567890"),
            ("diagnoses", "cough"),
            ("code1", "E1390"),
            ("amount1", "many"),
            ("from1", "2026-12-05"),
            ("through1", "2026-12-01"),
            ("urgency", "expedited"),
            ("zone", "America/New_York"),
            ("received_at", "2027-01-01T00:00"),
        ]);
        let problems = request(&bad, &Known::default(), "nora", now()).unwrap_err();
        let mut fields: Vec<&str> = problems.iter().map(|p| p.field.as_str()).collect();
        fields.dedup();
        assert_eq!(
            fields,
            ["received_at", "proof", "channel", "member", "family", "npi", "requester", "diagnoses", "line1", "asker"]
        );
    }

    #[test]
    fn words_that_no_list_offers_are_told() {
        let wrong = |more: &[(&str, &str)]| -> Vec<String> {
            let read = request(&form(&[GOOD, more].concat()), &Known::default(), "nora", now());
            read.err().into_iter().flatten().map(|problem| problem.field).collect()
        };
        assert_eq!(wrong(&[("urgency", "soon")]), ["urgency"]);
        assert_eq!(wrong(&[("urgency", "expedited"), ("asker", "neighbour")]), ["asker"]);
        assert!(wrong(&[("urgency", "expedited"), ("asker", "member")]).is_empty());
    }

    #[test]
    fn an_address_is_whole_or_not_there() {
        let with = |more: &[(&str, &str)]| request(&form(&[GOOD, more].concat()), &Known::default(), "nora", now());
        assert_eq!(with(&[]).unwrap().member.address, None);
        let whole =
            [("street", "14 Sample Street\nApartment 2"), ("city", "Albany"), ("state", "ny"), ("zip", "12207")];
        let address = with(&whole).unwrap().member.address.unwrap();
        assert_eq!(address.lines, ["14 Sample Street", "Apartment 2"]);
        assert_eq!((address.city.as_str(), address.state.as_str(), address.zip.as_str()), ("Albany", "NY", "12207"));
        let fields = |more: &[(&str, &str)]| -> Vec<String> {
            with(more).unwrap_err().into_iter().map(|problem| problem.field).collect()
        };
        assert_eq!(fields(&[("city", "Albany")]), ["street", "state", "zip"]);
        assert_eq!(fields(&[("street", "1 A"), ("city", "B"), ("state", "NYC"), ("zip", "1234")]), ["state", "zip"]);
    }

    #[test]
    fn codes_go_to_their_own_systems() {
        for (code, whose) in [
            ("E1390", CodeSystem::Hcpcs),
            ("00001", CodeSystem::Cpt),
            ("0118", CodeSystem::Revenue),
            ("470", CodeSystem::Drg),
        ] {
            assert_eq!(system(code), whose, "{code}");
        }
    }
}
