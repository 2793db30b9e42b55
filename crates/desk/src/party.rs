//! Eligibility: from the parties as stated to the parties as the roster, the contracts and the directory know them.

use vigil_domain::{
    case::command::{Overlap, Resolved},
    party::{Contract, Coverage, LineOfBusiness, Member, Provider},
    request::Request,
    time::{Day, Zone},
};
use vigil_store::StoreFault;
use vigil_wire::fhir::pas::AaaError;

use crate::{Desk, Membership};

/// What the roster makes of a request.
#[derive(Debug)]
pub enum Eligibility {
    /// The parties are known.
    Known(Box<Resolved>),
    /// The member was not known and is enrolled provisionally; the roster rows are to be written first.
    Provisional(Box<Resolved>),
    /// The guide's business errors.
    Rejected(Vec<AaaError>),
}

/// The documented demonstration contract (DECISIONS 9): Medicare Advantage, New York.
///
/// # Panics
/// Never: the zone is in the bundled database.
pub fn demonstration_contract() -> Contract {
    Contract {
        id: "H0000".into(),
        payer_id: "VIGIL-DEMO".into(),
        plan_id: "001".into(),
        name: "Vigil Demonstration Health Plan".into(),
        line_of_business: LineOfBusiness::MedicareAdvantage,
        state: "NY".into(),
        zone: Zone::named("America/New_York").expect("New York is in the bundled zone database"),
        rating_period_start: None,
        grandfathered: false,
        accreditation: None,
        contractors: vec!["Noridian DME MAC".into(), "NGS".into()],
        phone: Some("1-800-555-0100".into()),
        tty: Some("711".into()),
        address: Some(vigil_domain::party::Address {
            lines: vec!["100 Demonstration Plaza".into()],
            city: "Albany".into(),
            state: "NY".into(),
            zip: "12207".into(),
        }),
        correspondence: demonstration_correspondence(),
        demonstration: true,
        excluded_services: Vec::new(),
        network_only: false,
    }
}

/// What the demonstration plan's letters say of itself.
pub fn demonstration_correspondence() -> std::collections::BTreeMap<String, String> {
    [
        ("plan_hours.en", "8 a.m. to 8 p.m., seven days a week"),
        ("plan_hours.es", "de 8\u{a0}a.\u{a0}m. a 8\u{a0}p.\u{a0}m., todos los días"),
        ("appeal_address_lines.es", "Apelaciones\n100 Demonstration Plaza\nAlbany, NY 12207"),
        ("appeal_address_lines.en", "Appeals\n100 Demonstration Plaza\nAlbany, NY 12207"),
        ("appeal_fax", "1-800-555-0101"),
        ("appeal_phone", "1-800-555-0102"),
        ("grievance_phone", "1-800-555-0103"),
        ("info_fax", "1-800-555-0104"),
        ("peer_to_peer_phone", "1-800-555-0105"),
        ("peer_to_peer_days", "14"),
        ("reviewer_phone", "1-800-555-0105"),
        ("review_entity", "Independent Review Entity, 200 Demonstration Plaza, Albany, NY 12207, 1-800-555-0110"),
        ("fair_hearing_contact.en", "the state fair hearing office at 1-800-555-0106"),
        ("fair_hearing_contact.es", "la oficina estatal de audiencias imparciales al 1-800-555-0106"),
        ("external_review_contact.en", "the state external appeal office at 1-800-555-0107"),
        ("external_review_contact.es", "la oficina estatal de apelaciones externas al 1-800-555-0107"),
        ("external_review_form.en", "the form “Request for an external review” (demonstration)"),
        ("external_review_form.es", "el formulario «Solicitud de revisión externa» (demostración)"),
        ("ombudsman_contact.en", "the state consumer assistance program at 1-800-555-0108"),
        ("ombudsman_contact.es", "el programa estatal de ayuda al consumidor al 1-800-555-0108"),
        ("complaint_contact.en", "the state department at 1-800-555-0109"),
        ("complaint_contact.es", "el departamento estatal al 1-800-555-0109"),
        ("coverage_type.en", "health maintenance organization"),
        ("coverage_type.es", "organización para el mantenimiento de la salud (HMO)"),
        ("notice_number", "DEMONSTRATION-01"),
        (
            "language_help.en",
            "Free language help, large print and braille are available. A sheet in 15 languages comes with this letter.",
        ),
        (
            "language_help.es",
            "Hay ayuda gratis en su idioma, letra grande y braille. Con esta carta viene una hoja en 15 idiomas.",
        ),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// X12 reject reasons (data element 901), numbers only; meanings from knowledge, verify.
mod reject {
    pub const SUBSCRIBER_ID: &str = "72";
    pub const SUBSCRIBER_NOT_FOUND: &str = "75";
    pub const BIRTH_DAY_MISMATCH: &str = "71";
    pub const PAYER: &str = "T4";
}

fn rejected(code: &str, element: &str, path: &str, message: String) -> Eligibility {
    Eligibility::Rejected(vec![AaaError {
        code: code.into(),
        element: Some(element.into()),
        path: Some(path.into()),
        // X12 889: correct and resubmit.
        follow_up: Some("C".into()),
        message: Some(message),
    }])
}

impl Desk {
    /// Resolves the parties of a request on the day that matters: the first day of service, else the day of receipt.
    ///
    /// # Errors
    /// Only faults of the store; everything about the request is in the answer.
    pub fn eligibility(&self, tenant: &str, request: &Request) -> Result<Eligibility, StoreFault> {
        let stated = &request.member;
        let mut known = self.store.members_by_number(tenant, &stated.member_id)?;
        let of_payer = known.iter().position(|member| member.payer_id == request.payer_id);
        let by_roster = self.settings.membership == Membership::Roster;
        let mut ours = Vec::new();
        if by_roster && !known.is_empty() {
            match self.contracts_named(tenant, request)? {
                Some(contracts) => ours = contracts,
                None => return Ok(no_contract()),
            }
            // A number that another payer gave out says nothing about the payer who was named.
            if of_payer.is_none() && !request.payer_id.is_empty() {
                return self.unknown(tenant, request, None);
            }
            if stated.standing.inactive.is_some() {
                return Ok(not_covered("The coverage is stated as one that is not active."));
            }
        }
        let known = (!known.is_empty()).then(|| known.swap_remove(of_payer.unwrap_or(0)));
        let Some(member) = known else { return self.unknown(tenant, request, None) };
        let differs = matches!((member.birth_day, stated.birth_day), (Some(a), Some(b)) if a != b);
        if differs && !member.provisional {
            return Ok(rejected(
                reject::BIRTH_DAY_MISMATCH,
                "2010C-DMG02",
                "Bundle.entry.resource.ofType(Patient).birthDate",
                "The birth date does not match our records for this member number.".into(),
            ));
        }
        let coverages = self.store.coverages(tenant, &member.payer_id, &member.member_id)?;
        let pair = self.in_force(tenant, request, &coverages, by_roster, &ours)?;
        if pair.is_none() && member.provisional && self.settings.membership == Membership::Provisional {
            // Its coverage is of our own making, from the day first asked about: another day is no reason to reject.
            return self.unknown(tenant, request, Some(member));
        }
        let Some((coverage, contract)) = pair else {
            return Ok(if coverages.is_empty() || !self.store.contracts(tenant)?.is_empty() {
                not_covered("This member has no coverage with us in force on the day of service.")
            } else {
                no_contract()
            });
        };
        let other_coverage = coverages
            .iter()
            .find(|c| c.order < coverage.order && c.covers(service_day(request, &contract)))
            .map(|c| format!("plan {} pays first", c.plan_id));
        self.resolved(tenant, request, member, coverage, contract, other_coverage).map(Eligibility::Known)
    }

    /// Our contracts with the payer, of the plan where one is named (DECISIONS 9); none when we hold none. A request that
    /// names no payer names nothing that could be missing.
    fn contracts_named(&self, tenant: &str, request: &Request) -> Result<Option<Vec<Contract>>, StoreFault> {
        if request.payer_id.is_empty() {
            return Ok(Some(Vec::new()));
        }
        let ours: Vec<Contract> = match &request.plan_id {
            Some(plan) => self.store.contract_of_plan(tenant, &request.payer_id, plan)?.into_iter().collect(),
            None => self.store.contracts(tenant)?.into_iter().filter(|c| c.payer_id == request.payer_id).collect(),
        };
        Ok((!ours.is_empty()).then_some(ours))
    }

    /// The first coverage in force on the day that matters, with its contract; of the plan that is named, where the roster
    /// has the word. Only the contracts named are read, and of those only what is not at hand.
    fn in_force(
        &self,
        tenant: &str,
        request: &Request,
        coverages: &[Coverage],
        by_roster: bool,
        at_hand: &[Contract],
    ) -> Result<Option<(Coverage, Contract)>, StoreFault> {
        let named = request.plan_id.as_ref().filter(|_| by_roster && !request.payer_id.is_empty());
        for coverage in coverages.iter().filter(|coverage| named.is_none_or(|plan| coverage.plan_id == *plan)) {
            let contract =
                match at_hand.iter().find(|c| (&c.payer_id, &c.plan_id) == (&coverage.payer_id, &coverage.plan_id)) {
                    Some(contract) => Some(contract.clone()),
                    None => self.store.contract_of_plan(tenant, &coverage.payer_id, &coverage.plan_id)?,
                };
            if let Some(contract) = contract
                && coverage.covers(service_day(request, &contract))
            {
                return Ok(Some((coverage.clone(), contract)));
            }
        }
        Ok(None)
    }

    /// An unknown member: the AAA error, or provisional enrolment where the set-up says so. What an earlier request told of a
    /// provisional member stays known.
    fn unknown(&self, tenant: &str, request: &Request, earlier: Option<Member>) -> Result<Eligibility, StoreFault> {
        let stated = &request.member;
        if self.settings.membership == Membership::Roster {
            return Ok(rejected(
                reject::SUBSCRIBER_NOT_FOUND,
                "2010C-NM109",
                "Bundle.entry.resource.ofType(Coverage).subscriberId",
                "We have no member with this number.".into(),
            ));
        }
        if stated.member_id.trim().is_empty() || stated.name.family.trim().is_empty() {
            return Ok(rejected(
                reject::SUBSCRIBER_ID,
                "2010C-NM109",
                "Bundle.entry.resource.ofType(Patient).identifier",
                "The request names no member number and family name.".into(),
            ));
        }
        let contract = self.settings.provisional_contract.clone().unwrap_or_else(demonstration_contract);
        let (address, phone, language) =
            earlier.map_or((None, None, None), |known| (known.address, known.phone, known.language));
        let member = Member {
            payer_id: request.payer_id.clone(),
            member_id: stated.member_id.clone(),
            name: stated.name.clone(),
            birth_day: stated.birth_day,
            sex: stated.sex.clone(),
            address: stated.address.clone().or(address),
            phone: stated.phone.clone().or(phone),
            language: stated.language.clone().or(language),
            provisional: true,
        };
        let coverage = Coverage {
            payer_id: contract.payer_id.clone(),
            member_id: member.member_id.clone(),
            subscriber_id: stated.subscriber_id.clone(),
            plan_id: contract.plan_id.clone(),
            from: service_day(request, &contract),
            through: None,
            order: 1,
        };
        self.resolved(tenant, request, member, coverage, contract, None).map(Eligibility::Provisional)
    }

    fn resolved(
        &self,
        tenant: &str,
        request: &Request,
        member: Member,
        coverage: Coverage,
        contract: Contract,
        other_coverage: Option<String>,
    ) -> Result<Box<Resolved>, StoreFault> {
        let in_network = match servicing(request).npi.as_deref() {
            Some(npi) => self.store.provider(tenant, npi)?.map(|p| p.networks.contains(&contract.plan_id)),
            None => None,
        };
        let overlaps = self.overlaps(tenant, request, &member.member_id)?;
        Ok(Box::new(Resolved { member, coverage, contract, in_network, other_coverage, overlaps }))
    }

    /// Cases of the same member that ask for the same service on overlapping days and are open or approved.
    fn overlaps(&self, tenant: &str, request: &Request, member: &str) -> Result<Vec<Overlap>, StoreFault> {
        let mut found = Vec::new();
        for line in request.lines.iter().filter(|l| !l.cancelled) {
            let key = format!("{member}|{}", line.service.value);
            for other in self.store.cases_by_key(tenant, "member-service", &key, 5)? {
                let Ok(Some(case)) = self.load(tenant, &other) else { continue };
                let same = case.lines.iter().find(|l| {
                    l.line.service.same(&line.service)
                        && l.outcome.as_ref().is_none_or(|o| o.grant().is_some())
                        && days_overlap((l.line.from, l.line.through), (line.from, line.through))
                });
                if same.is_some() {
                    let why = "same member and service on the same days".to_owned();
                    found.push(Overlap { line: line.sequence, case: other, why });
                    break;
                }
            }
        }
        Ok(found)
    }
}

fn not_covered(message: &str) -> Eligibility {
    rejected(
        reject::SUBSCRIBER_ID,
        "2010C-NM109",
        "Bundle.entry.resource.ofType(Coverage).subscriberId",
        message.into(),
    )
}

fn no_contract() -> Eligibility {
    rejected(
        reject::PAYER,
        "2010A-NM109",
        "Bundle.entry.resource.ofType(Organization).identifier",
        "We hold no contract for this payer and plan.".into(),
    )
}

/// Who would provide the service: the line's own provider, else the requester.
fn servicing(request: &Request) -> &Provider {
    request.lines.iter().find_map(|l| l.provider.as_ref()).unwrap_or(&request.requester)
}

fn service_day(request: &Request, contract: &Contract) -> Day {
    request.lines.iter().filter_map(|l| l.from).min().unwrap_or_else(|| contract.zone.day(request.receipt.received_at))
}

/// Whether two spans of days share a day. A span without days says nothing and counts as sharing only with its like.
fn days_overlap(a: (Option<Day>, Option<Day>), b: (Option<Day>, Option<Day>)) -> bool {
    match (a.0, b.0) {
        (Some(from_a), Some(from_b)) => from_a <= b.1.unwrap_or(from_b) && from_b <= a.1.unwrap_or(from_a),
        (None, None) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn spans_share_days_or_not() {
        let june = |a: i8, b: i8| (Some(date(2026, 6, a)), Some(date(2026, 6, b)));
        for (a, b, shares) in [
            (june(1, 5), june(5, 9), true),
            (june(1, 4), june(5, 9), false),
            (june(3, 3), (Some(date(2026, 6, 3)), None), true),
            ((None, None), (None, None), true),
            (june(1, 5), (None, None), false),
        ] {
            assert_eq!(days_overlap(a, b), shares, "{a:?} {b:?}");
        }
    }
}
