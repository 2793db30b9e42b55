//! The ordering provider's own letter: owed where the law says so, printed and sent by the same road as the member's, held
//! when something is missing.

use vigil_domain::{
    case::{Case, NoticeState, command::Command, event::Watches},
    notice::{Audience, Purpose},
    party::{Address, Contract, LineOfBusiness},
    request::Request,
};

use super::{demonstration_contract, desk, letter, mail, manager, physician, request};
use crate::{Desk, MAIN_TENANT};

fn contract(line: LineOfBusiness, state: &str, zone: &str) -> Contract {
    let mut contract = demonstration_contract();
    contract.line_of_business = line;
    contract.state = state.into();
    contract.zone = vigil_domain::time::Zone::named(zone).expect("a zone");
    contract
}

fn office() -> Address {
    Address { lines: vec!["9 Clinic Road".into()], city: "Troy".into(), state: "NY".into(), zip: "12180".into() }
}

/// A request by fax, denied by a physician of the contract's state.
async fn denied(desk: &Desk, contract: &Contract, address: Option<Address>) -> Case {
    let mut asked = request(desk.time.now(), contract);
    asked.requester.address = address;
    signed(desk, contract, asked, "Your notes show that you reached the goals of this care.").await
}

/// The same of a request, for a reason in the member's words.
async fn signed(desk: &Desk, contract: &Contract, asked: Request, reason: &str) -> Case {
    let case = desk.enter(MAIN_TENANT, "intake", asked, Vec::new(), None).await.expect("a case");
    let mut by = physician();
    by.credential.licences[0].state = contract.state.clone();
    let offer = Command::SchedulePeerToPeer { by: by.clone(), at: desk.time.now(), with: "Dr. Roe 555-0100".into() };
    let open = Command::OpenEvidence { by: by.clone(), evidence: "statements".into() };
    for command in [offer, open] {
        desk.act(MAIN_TENANT, &case.id, "physician", command).await.expect("done");
    }
    let finding = vigil_domain::determination::Finding {
        line: 1,
        reason: vigil_domain::reason::Reason::read("not_medically_necessary"),
        rationale: "The notes of August 28 show that every goal of the plan of care is reached.".into(),
        plain_reason: reason.into(),
        criterion: Some("plan policy 7".into()),
        whose: Some(vigil_domain::determination::RuleOwner::PlanPolicy),
    };
    let deny = Command::Determine {
        by,
        decisions: vec![vigil_domain::case::command::LineDecision::Deny { finding }],
        attests_no_conflict: true,
        expertise: Some("I treat such patients in my practice.".into()),
    };
    desk.act(MAIN_TENANT, &case.id, "physician", deny).await.expect("signed")
}

fn load(desk: &Desk, case: &str) -> Case {
    desk.load(MAIN_TENANT, case).expect("a load").expect("the case")
}

fn theirs(case: &Case) -> &NoticeState {
    case.notices.iter().find(|n| n.to == Audience::Provider).expect("the provider's notice is owed")
}

#[tokio::test]
async fn a_denial_is_told_to_the_provider_in_a_letter_of_its_own_where_a_rule_names_the_provider() {
    let rows = [
        (LineOfBusiness::MedicareAdvantage, "NY", "America/New_York", "MADV-OD-STD-PA"),
        (LineOfBusiness::MedicaidManagedCare, "OH", "America/New_York", "MCD-MC-STD"),
        (LineOfBusiness::CommercialInsured, "TX", "America/Chicago", "TX-ADV-NOHOSP"),
        (LineOfBusiness::CommercialInsured, "NY", "America/New_York", "NY-PRE-STD"),
    ];
    for (line, state, zone, rule) in rows {
        let contract = contract(line, state, zone);
        let desk = desk(contract.clone());
        let case = denied(&desk, &contract, Some(office())).await;
        let clock = case.clocks.iter().find(|c| c.watches == Watches::ProviderLetter).expect(rule);
        assert_eq!((clock.pin.rule.as_str(), clock.satisfied_at), (rule, None), "its own clock, and not met yet");
        mail(&desk).await;
        let case = load(&desk, &case.id);
        let told = theirs(&case);
        assert_eq!(told.purpose, Purpose::AdverseDetermination);
        assert!(told.given_to("provider").is_some() && told.given_to("member").is_none(), "held: {:?}", told.held);
        let words = letter(&desk, told);
        for said in ["Dr. Roe", "9 Clinic Road", "every goal of the plan of care", "Talk with the reviewer"] {
            assert!(words.contains(said), "{rule} without {said}: {words}");
        }
        assert!(!words.contains("14 Sample Street"), "{rule}: it goes to the provider: {words}");
        let met = case.clocks.iter().any(|c| c.watches == Watches::ProviderLetter && c.satisfied_at.is_some());
        assert!(met, "{rule}: {:?}", case.clocks);
    }
}

#[tokio::test]
async fn a_provider_letter_without_an_address_is_held_and_goes_out_once_somebody_fills_it() {
    let contract = contract(LineOfBusiness::MedicareAdvantage, "NY", "America/New_York");
    let desk = desk(contract.clone());
    let case = denied(&desk, &contract, None).await;
    mail(&desk).await;
    let case = load(&desk, &case.id);
    let held = theirs(&case).clone();
    assert!(held.held.iter().any(|gap| gap.contains("say whom it goes to")), "{:?}", held.held);
    let members = case.notices.iter().find(|n| n.to == Audience::Member).expect("the member's");
    assert!(members.given().is_some(), "the member's letter does not wait for it: {:?}", members.held);
    let open = |case: &Case, watches| case.clocks.iter().any(|c| c.watches == watches && c.is_open());
    assert!(!open(&case, Watches::Notice) && open(&case, Watches::ProviderLetter) && !case.is_closed());
    let fields = [("provider_address_lines".to_owned(), "9 Clinic Road\nTroy, NY 12180".to_owned())].into();
    let fill = Command::FillNotice { by: manager(), notice: held.id, fields };
    desk.act(MAIN_TENANT, &case.id, "manager", fill).await.expect("filled");
    mail(&desk).await;
    let case = load(&desk, &case.id);
    assert!(theirs(&case).given().is_some(), "{:?}", theirs(&case).held);
    assert!(case.clocks.iter().all(|c| !c.is_open()), "{:?}", case.clocks);
}

#[tokio::test]
async fn a_california_provider_is_told_who_signed_and_under_which_number_or_the_letter_waits() {
    let mut contract = contract(LineOfBusiness::CommercialInsured, "CA", "America/Los_Angeles");
    contract.correspondence.remove("reviewer_phone");
    let desk = desk(contract.clone());
    let case = denied(&desk, &contract, Some(office())).await;
    mail(&desk).await;
    let held = theirs(&load(&desk, &case.id)).clone();
    assert!(held.held.iter().any(|gap| gap.contains("1367.01(h)(4)")), "{:?}", held.held);
    let fields = [("reviewer_phone".to_owned(), "1-800-555-0199".to_owned())].into();
    let fill = Command::FillNotice { by: manager(), notice: held.id, fields };
    desk.act(MAIN_TENANT, &case.id, "manager", fill).await.expect("filled");
    mail(&desk).await;
    let case = load(&desk, &case.id);
    let words = letter(&desk, theirs(&case));
    assert!(words.contains("P. Reviewer, MD") && words.contains("1-800-555-0199"), "{words}");
}

#[tokio::test]
async fn a_provider_reads_the_reasons_as_they_were_signed_for_a_member_of_another_language() {
    let contract = contract(LineOfBusiness::MedicareAdvantage, "NY", "America/New_York");
    let desk = desk(contract.clone());
    let mut asked = request(desk.time.now(), &contract);
    asked.requester.address = Some(office());
    asked.member.language = Some("es".into());
    let spanish = "Sus notas muestran que usted ya alcanzó las metas de esta atención.";
    let case = signed(&desk, &contract, asked, spanish).await;
    mail(&desk).await;
    let case = load(&desk, &case.id);
    let words = letter(&desk, theirs(&case));
    assert!(words.contains(spanish) && words.contains("Clinical rationale"), "{words}");
}
