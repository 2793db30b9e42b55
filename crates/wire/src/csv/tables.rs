//! The tables: each column declared once, with its meaning, and how a row becomes a value.

use vigil_domain::{
    code::{Code, CodeSystem},
    party::{Contract, Coverage, LineOfBusiness, Member, Npi, PersonName, Provider, Sex},
    time::Zone,
};

use super::row::Row;
use crate::issue::{IssueCode, Notes};

/// One column of a table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name in the header.
    pub name: &'static str,
    /// The header must have it, and every row a value.
    pub required: bool,
    /// What stands in it.
    pub meaning: &'static str,
}

pub(super) const fn must(name: &'static str, meaning: &'static str) -> Column {
    Column { name, required: true, meaning }
}

pub(super) const fn may(name: &'static str, meaning: &'static str) -> Column {
    Column { name, required: false, meaning }
}

/// Columns of `members.csv`.
pub const MEMBERS: &[Column] = &[
    must("payer_id", "the payer's identifier, as requests state it"),
    must("member_id", "the member number on the card"),
    must("family", "family name"),
    may("given", "given names"),
    must("birth_day", "birth day, YYYY-MM-DD"),
    may("sex", "female, male, other or unknown"),
    may("line1", "street"),
    may("line2", "street, continued"),
    may("city", "city"),
    may("state", "two-letter state"),
    may("zip", "ZIP code"),
    may("phone", "telephone"),
    may("language", "BCP 47 tag of the language of letters, such as es"),
];

/// Columns of `coverages.csv`.
pub const COVERAGES: &[Column] = &[
    must("payer_id", "the payer's identifier"),
    must("member_id", "the member number"),
    may("subscriber_id", "the subscriber's number, where it differs"),
    must("plan_id", "the plan inside the payer"),
    must("from", "first covered day, YYYY-MM-DD"),
    may("through", "last covered day; empty while it runs"),
    may("order", "1 primary, 2 secondary and so on; empty is 1"),
];

/// Columns of `providers.csv`.
pub const PROVIDERS: &[Column] = &[
    must("npi", "National Provider Identifier; its check digit is verified"),
    must("name", "name of the person or organization"),
    may("kind", "person or organization; empty is person"),
    may("specialties", "NUCC taxonomy codes or specialty words, semicolons between"),
    may("phone", "telephone"),
    may("line1", "street"),
    may("line2", "street, continued"),
    may("city", "city"),
    may("state", "two-letter state"),
    may("zip", "ZIP code"),
    may("networks", "plan ids in whose network the provider is, semicolons between"),
];

/// Columns of `contracts.csv`.
pub const CONTRACTS: &[Column] = &[
    must("id", "contract id"),
    must("payer_id", "the payer's identifier"),
    must("plan_id", "the plan inside the payer"),
    must("name", "the plan's name, as members know it"),
    must("line_of_business", "line of business, in the words of the law packs"),
    must("state", "two-letter state whose law binds"),
    must("zone", "IANA time zone of legal days, such as America/New_York"),
    may("rating_period_start", "first day of the rating period (Medicaid, CHIP), YYYY-MM-DD"),
    may("grandfathered", "yes for a grandfathered plan under the ACA"),
    may("accreditation", "accrediting body, such as ncqa"),
    may("contractors", "contractors whose local coverage determinations bind, semicolons between"),
    may("phone", "member services telephone"),
    may("tty", "TTY number"),
    may("line1", "return address, street"),
    may("line2", "return address, street continued"),
    may("city", "return address, city"),
    may("address_state", "return address, two-letter state"),
    may("zip", "return address, ZIP code"),
    may("demonstration", "yes for demonstrations and tests"),
    may("excluded_services", "services not covered at all, as system:code, semicolons between"),
    may("network_only", "yes when out-of-network services need agreement first"),
    may(
        "correspondence",
        "what letters must say: field=value, several with semicolons; `/` begins a new line in a field ending in _lines",
    ),
];

pub(super) fn member(row: &Row<'_>, notes: &mut Notes) -> Option<Member> {
    let (payer_id, member_id) = (row.need("payer_id", notes), row.need("member_id", notes));
    let family = row.need("family", notes);
    row.need("birth_day", notes);
    let birth_day = row.day("birth_day", notes);
    let sex = row.get("sex").map_or(Sex::Unknown, |word| Sex::read(&word.to_lowercase()));
    if !sex.is_known() {
        let details = format!("{:?} is not a sex.", sex.word());
        row.fault("sex", IssueCode::CodeInvalid, details, "Write female, male, other or unknown.", notes);
    }
    let address = row.address("state", notes);
    Some(Member {
        payer_id: payer_id?,
        member_id: member_id?,
        name: PersonName { family: family?, given: row.get("given").unwrap_or_default() },
        birth_day: Some(birth_day?),
        sex,
        address,
        phone: row.get("phone"),
        language: row.get("language"),
        provisional: false,
    })
}

pub(super) fn coverage(row: &Row<'_>, notes: &mut Notes) -> Option<Coverage> {
    let (payer_id, member_id) = (row.need("payer_id", notes), row.need("member_id", notes));
    let plan_id = row.need("plan_id", notes);
    row.need("from", notes);
    let (from, through) = (row.day("from", notes), row.day("through", notes));
    if let (Some(from), Some(through)) = (from, through)
        && through < from
    {
        row.fault(
            "through",
            IssueCode::Invariant,
            "The coverage ends before it begins.",
            "Correct from or through.",
            notes,
        );
    }
    let order = match row.get("order") {
        None => Some(1),
        Some(text) => {
            let order = text.parse().ok().filter(|order| *order > 0);
            if order.is_none() {
                row.fault(
                    "order",
                    IssueCode::Value,
                    format!("{text:?} is not an order."),
                    "Write 1, 2 and so on.",
                    notes,
                );
            }
            order
        }
    };
    Some(Coverage {
        payer_id: payer_id?,
        member_id: member_id?,
        subscriber_id: row.get("subscriber_id"),
        plan_id: plan_id?,
        from: from?,
        through,
        order: order?,
    })
}

pub(super) fn provider(row: &Row<'_>, notes: &mut Notes) -> Option<Provider> {
    let npi = row.need("npi", notes);
    let name = row.need("name", notes);
    if let Some(npi) = npi.as_deref().filter(|npi| Npi::checked(npi).is_none()) {
        let todo = "Correct the number: ten digits, the last a check digit.";
        row.fault(
            "npi",
            IssueCode::Value,
            format!("{npi:?} is not an NPI: its check digit does not hold."),
            todo,
            notes,
        );
    }
    let organization = match row.get("kind").as_deref() {
        None | Some("person") => false,
        Some("organization") => true,
        Some(other) => {
            row.fault(
                "kind",
                IssueCode::CodeInvalid,
                format!("{other:?} is no kind."),
                "Write person or organization.",
                notes,
            );
            false
        }
    };
    let address = row.address("state", notes);
    Some(Provider {
        npi: Some(npi?),
        name: name?,
        organization,
        specialties: row.list("specialties"),
        phone: row.get("phone"),
        address,
        networks: row.list("networks"),
    })
}

pub(super) fn contract(row: &Row<'_>, notes: &mut Notes) -> Option<Contract> {
    let [id, payer_id, plan_id, name] = ["id", "payer_id", "plan_id", "name"].map(|column| row.need(column, notes));
    let line_of_business = row.need("line_of_business", notes).map(|word| LineOfBusiness::read(&word));
    if let Some(other) = line_of_business.as_ref().filter(|line| !line.is_known()) {
        let known = LineOfBusiness::ALL.iter().map(LineOfBusiness::word).collect::<Vec<_>>().join(", ");
        let details = format!("{:?} is not a line of business.", other.word());
        row.fault("line_of_business", IssueCode::CodeInvalid, details, format!("Write one of {known}."), notes);
    }
    row.need("state", notes);
    let state = row.state("state", notes);
    let zone = row.need("zone", notes).and_then(|name| match Zone::named(&name) {
        Ok(zone) => Some(zone),
        Err(error) => {
            row.fault(
                "zone",
                IssueCode::Value,
                format!("{error}."),
                "Write an IANA name such as America/New_York.",
                notes,
            );
            None
        }
    });
    let excluded_services = services(row, notes);
    let rating_period_start = row.day("rating_period_start", notes);
    let [grandfathered, demonstration, network_only] =
        ["grandfathered", "demonstration", "network_only"].map(|column| row.flag(column, notes));
    let address = row.address("address_state", notes);
    Some(Contract {
        id: id?,
        payer_id: payer_id?,
        plan_id: plan_id?,
        name: name?,
        line_of_business: line_of_business?,
        state: state?,
        zone: zone?,
        rating_period_start,
        grandfathered,
        accreditation: row.get("accreditation"),
        contractors: row.list("contractors"),
        phone: row.get("phone"),
        tty: row.get("tty"),
        address,
        correspondence: correspondence(row, notes),
        demonstration,
        excluded_services,
        network_only,
    })
}

/// What letters must say, by field name of the notice packs.
fn correspondence(row: &Row<'_>, notes: &mut Notes) -> std::collections::BTreeMap<String, String> {
    let mut fields = std::collections::BTreeMap::new();
    for entry in row.list("correspondence") {
        match entry.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                let name = name.trim().to_owned();
                let lines = name.ends_with("_lines");
                let value = if lines { value.replace('/', "\n") } else { value.to_owned() };
                fields.insert(name, value);
            }
            _ => row.fault(
                "correspondence",
                IssueCode::Value,
                format!("{entry:?} is not a field with its value."),
                "Write field=value, such as appeal_fax=1-800-555-0101.",
                notes,
            ),
        }
    }
    fields
}

fn services(row: &Row<'_>, notes: &mut Notes) -> Vec<Code> {
    let mut codes = Vec::new();
    for text in row.list("excluded_services") {
        match text.split_once(':').map(|(system, code)| (CodeSystem::read(system), code)) {
            Some((system, code)) if system.is_known() && !code.is_empty() => codes.push(Code::new(system, code)),
            _ => {
                let details = format!("{text:?} is not a service.");
                row.fault(
                    "excluded_services",
                    IssueCode::Value,
                    details,
                    "Write system:code, such as hcpcs:E1390.",
                    notes,
                );
            }
        }
    }
    codes
}
