//! Letters that follow from a case without anybody writing them: a dismissal with its own last day, and the file that goes to
//! the independent reviewer when a drug determination is late.

#[path = "letters/provider.rs"]
mod provider;
#[path = "letters/spanish.rs"]
mod spanish;

use std::sync::Arc;

use jiff::{SignedDuration, civil::date};
use vigil_desk::{
    Desk, MAIN_TENANT, Membership, Settings,
    errand::{MailRoom, Printer},
    party::demonstration_contract,
    time::Time,
};
use vigil_domain::{
    case::{
        Case,
        command::{Actor, Command},
    },
    code::{Code, CodeSystem},
    notice::Purpose,
    party::{Address, Contract, Credential, LineOfBusiness, PersonName, Provider, Sex},
    request::{
        Certification, Channel, Diagnosis, Quantity, Receipt, Request, Review, ServiceLine, StatedMember, Urgency,
    },
    time::Moment,
};
use vigil_store::Store;

fn desk(contract: Contract) -> Desk {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    let start: Moment = "2026-08-31T10:00:00-04:00".parse().expect("a moment");
    let settings =
        Settings { membership: Membership::Provisional, provisional_contract: Some(contract), ..Settings::default() };
    Desk::new(Store::in_memory().expect("a store"), Arc::new(library), Time::simulated(start), settings)
}

fn request(now: Moment, contract: &Contract) -> Request {
    Request {
        receipt: Receipt {
            channel: Channel::Fax,
            received_at: now,
            proof: "fax banner".into(),
            entered_at: now,
            entered_by: "intake".into(),
            caller: None,
            authority: None,
            expedite_asked_by: None,
            form_note: None,
        },
        review: Review::Prospective,
        urgency: Urgency::Standard,
        payer_id: contract.payer_id.clone(),
        payer_name: None,
        plan_id: Some(contract.plan_id.clone()),
        member: StatedMember {
            standing: Default::default(),
            member_id: "M1".into(),
            subscriber_id: None,
            name: PersonName { family: "Hale".into(), given: "Jo".into() },
            birth_day: Some(date(1951, 4, 9)),
            sex: Sex::Female,
            address: Some(Address {
                lines: vec!["14 Sample Street".into()],
                city: "Albany".into(),
                state: "NY".into(),
                zip: "12207".into(),
            }),
            phone: None,
            language: None,
        },
        requester: Provider { npi: Some("1234567893".into()), name: "Dr. Roe".into(), ..Provider::default() },
        practitioner: None,
        facility: None,
        diagnoses: vec![Diagnosis {
            sequence: 1,
            code: Code::new(CodeSystem::Icd10Cm, "Z00.00"),
            role: None,
            recorded_on: None,
        }],
        lines: vec![ServiceLine {
            sequence: 1,
            service: Code::new(CodeSystem::Hcpcs, "ZZZZZ"),
            also: Vec::new(),
            modifiers: Vec::new(),
            description: Some("A service".into()),
            quantity: Some(Quantity { amount: 1.0, unit: "unit".into() }),
            from: None,
            through: None,
            place: None,
            provider: None,
            certification: Certification::Initial,
            drug: false,
            diagnoses: vec![1],
            earlier_authorization: None,
            cancelled: false,
            changed: None,
        }],
        items: Vec::new(),
        documents: Vec::new(),
        identifiers: Vec::new(),
        updates: Vec::new(),
        note: None,
        circumstances: Vec::new(),
        cut: None,
    }
}

fn manager() -> Actor {
    let credential = Credential {
        person: "manager".into(),
        name: "A Manager".into(),
        licences: Vec::new(),
        specialties: Vec::new(),
        npi: None,
        reports_to: None,
        attested_on: None,
    };
    Actor { person: "manager".into(), name: "A Manager".into(), credential }
}

async fn begin(desk: &Desk, contract: &Contract) -> Case {
    let asked = request(desk.time.now(), contract);
    desk.enter(MAIN_TENANT, "intake", asked, Vec::new(), None).await.expect("a case")
}

async fn mail(desk: &Desk) {
    let mail = MailRoom { printer: Printer::Text, outbox: None };
    for _ in 0..2 {
        assert_eq!(desk.run_errands("test", &mail, 50).await.expect("errands").failed, 0);
    }
}

fn notice(desk: &Desk, case: &str, purpose: Purpose) -> vigil_domain::case::NoticeState {
    let case = desk.load(MAIN_TENANT, case).expect("a load").expect("the case");
    case.notices.iter().find(|n| n.purpose == purpose).expect("the notice is owed").clone()
}

#[tokio::test]
async fn a_dismissal_letter_names_the_last_day_of_its_law_and_goes_out() {
    let contract = demonstration_contract();
    let desk = desk(contract.clone());
    let case = begin(&desk, &contract).await;
    let dismiss = Command::Dismiss {
        by: manager(),
        why: "The person who asked is not the member's representative on our records.".into(),
        cite: "42 CFR 422.568(g) (from knowledge, verify)".into(),
    };
    desk.act(MAIN_TENANT, &case.id, "manager", dismiss).await.expect("dismissed");
    mail(&desk).await;
    let notice = notice(&desk, &case.id, Purpose::Dismissal);
    assert!(notice.given_to("member").is_some(), "held: {:?}", notice.held);
    let document = &notice.composed.as_ref().expect("composed").document;
    let bytes = desk.store.document(MAIN_TENANT, document).expect("a read").expect("the letter").bytes;
    let letter = String::from_utf8_lossy(&bytes).into_owned();
    // Six months from August 31 end on the last day of February.
    assert!(letter.contains("February 28, 2027"), "{letter}");
}

#[tokio::test]
async fn the_letter_about_a_forwarded_file_waits_for_the_day_on_which_it_went() {
    let mut contract = demonstration_contract();
    contract.line_of_business = LineOfBusiness::PartD;
    let desk = desk(contract.clone());
    let case = begin(&desk, &contract).await;
    desk.time.set(desk.time.now() + SignedDuration::from_hours(73));
    desk.act(MAIN_TENANT, &case.id, "tick", Command::Tick).await.expect("a tick");
    mail(&desk).await;
    let held = notice(&desk, &case.id, Purpose::ForwardedForReview);
    assert!(
        held.held.iter().any(|gap| gap.contains("Missing: Day the file went to the independent reviewer")),
        "{:?}",
        held.held
    );
    let fields = [("forwarded_on".to_owned(), "2026-09-03".to_owned())].into();
    let fill = Command::FillNotice { by: manager(), notice: held.id, fields };
    desk.act(MAIN_TENANT, &case.id, "manager", fill).await.expect("filled");
    mail(&desk).await;
    let given = notice(&desk, &case.id, Purpose::ForwardedForReview);
    assert!(given.given_to("member").is_some(), "held: {:?}", given.held);
}

fn physician() -> Actor {
    let credential = Credential {
        person: "physician".into(),
        name: "P. Reviewer, MD".into(),
        licences: vec![vigil_domain::party::Licence {
            kind: "MD".into(),
            state: "NY".into(),
            number: "1".into(),
            from: date(2020, 1, 1),
            through: date(2030, 1, 1),
        }],
        specialties: vec!["internal-medicine".into()],
        npi: None,
        reports_to: None,
        attested_on: Some(date(2026, 1, 5)),
    };
    Actor { person: "physician".into(), name: "P. Reviewer, MD".into(), credential }
}

fn letter(desk: &Desk, notice: &vigil_domain::case::NoticeState) -> String {
    let document = &notice.composed.as_ref().unwrap_or_else(|| panic!("held: {:?}", notice.held)).document;
    let bytes = desk.store.document(MAIN_TENANT, document).expect("a read").expect("the letter").bytes;
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The demonstration's contract as a Medicaid managed care plan's in Ohio.
fn medicaid_of_ohio() -> Contract {
    let mut contract = demonstration_contract();
    contract.line_of_business = LineOfBusiness::MedicaidManagedCare;
    contract.state = "OH".into();
    contract.rating_period_start = Some(date(2026, 7, 1));
    contract
}

#[tokio::test]
async fn a_cut_of_an_approved_course_is_told_in_advance_and_may_go_on() {
    let contract = medicaid_of_ohio();
    let desk = desk(contract.clone());
    let approved = begin(&desk, &contract).await;
    let approve =
        Command::Approve { by: physician(), lines: Vec::new(), grant: None, why: "the documents show the need".into() };
    let approved = desk.act(MAIN_TENANT, &approved.id, "physician", approve).await.expect("approved");
    let proposal = vigil_desk::cut::Proposal {
        line: 1,
        keeps: None,
        effective_on: date(2026, 9, 5),
        why: "The goals of care are reached.".into(),
        exception: None,
    };
    let soon = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal.clone()).await;
    assert!(format!("{soon:?}").contains("MCD-MC-REDUCE"), "five days are not ten: {soon:?}");
    let proposal = vigil_desk::cut::Proposal { effective_on: date(2026, 9, 20), ..proposal };
    let cut = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal).await.expect("proposed");
    assert_eq!(cut.stage.word(), "peer_clinical_review");
    let noted = desk.history(MAIN_TENANT, &approved.id).expect("a read").expect("the case");
    assert!(noted.events.iter().any(|e| e.event.kind() == "cut_proposed"));
    desk.act(
        MAIN_TENANT,
        &cut.id,
        "physician",
        Command::OpenEvidence { by: physician(), evidence: "statements".into() },
    )
    .await
    .expect("opened");
    let finding = vigil_domain::determination::Finding {
        line: 1,
        reason: vigil_domain::reason::Reason::read("not_medically_necessary"),
        rationale: "The notes of August 28 show that every goal of the plan of care is reached.".into(),
        plain_reason: "Your notes show that you reached the goals of this care.".into(),
        criterion: Some("plan policy 7".into()),
        whose: Some(vigil_domain::determination::RuleOwner::PlanPolicy),
    };
    let deny = Command::Determine {
        by: physician(),
        decisions: vec![vigil_domain::case::command::LineDecision::Deny { finding }],
        attests_no_conflict: true,
        expertise: Some("I treat such patients.".into()),
    };
    desk.act(MAIN_TENANT, &cut.id, "physician", deny).await.expect("signed");
    mail(&desk).await;
    let told = notice(&desk, &cut.id, Purpose::AdverseDetermination);
    let words = letter(&desk, &told);
    assert!(words.contains("September 20, 2026"), "from which day, and until when the member may ask: {words}");
    assert!(words.contains("made by a person: a doctor (I treat such patients)."), "{words}");
    assert!(told.given_to("member").is_some(), "held: {:?}", told.held);
    let case = desk.load(MAIN_TENANT, &cut.id).expect("a load").expect("the case");
    assert!(
        case.clocks.iter().all(|c| c.pin.rule == "MCD-MC-REDUCE" && c.satisfied_at.is_some() && c.lapsed.is_none())
    );
    let ask = Command::AskContinuation {
        by: manager(),
        asker: vigil_domain::case::command::ContinuationAsker::Member,
        asked_by: "Jo Hale, by telephone".into(),
        asked_at: desk.time.now(),
    };
    let case = desk.act(MAIN_TENANT, &cut.id, "manager", ask).await.expect("recorded");
    assert!(case.continuation.is_some_and(|c| c.timely && c.rule == "MCD-AID-CONT"));
}

#[tokio::test]
async fn the_letter_of_a_cut_says_that_approved_care_is_cut_and_a_second_proposal_waits() {
    let english = "We approved this care before, and you get it now. We are cutting it. A part of it stays.";
    let spanish = "Antes aprobamos esta atención y usted la recibe ahora. Vamos a reducirla. Una parte sigue.";
    let partial = ["We approved part of this request", "Aprobamos una parte de esta solicitud"];
    for (language, opens) in [("en", english), ("es", spanish)] {
        let contract = medicaid_of_ohio();
        let desk = desk(contract.clone());
        let mut asked = request(desk.time.now(), &contract);
        asked.member.language = Some(language.into());
        let approved = desk.enter(MAIN_TENANT, "intake", asked, Vec::new(), None).await.expect("a case");
        let approve = Command::Approve {
            by: physician(),
            lines: Vec::new(),
            grant: None,
            why: "the documents show the need".into(),
        };
        let approved = desk.act(MAIN_TENANT, &approved.id, "physician", approve).await.expect("approved");
        let proposal = vigil_desk::cut::Proposal {
            line: 1,
            keeps: Some(0.5),
            effective_on: date(2026, 9, 20),
            why: "Most goals of care are reached.".into(),
            exception: None,
        };
        let cut = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal.clone()).await.expect("proposed");
        let again = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal.clone()).await;
        assert!(format!("{again:?}").contains("cut.proposed-already"), "one at a time: {again:?}");
        let words = signed_in_part(&desk, &cut).await;
        assert!(words.contains(opens), "{language}: {words}");
        assert!(partial.iter().all(|never| !words.contains(never)), "{language}: {words}");
        let after = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal).await;
        assert!(format!("{after:?}").contains("cut.proposed-already"), "it was cut already: {after:?}");
    }
}

#[tokio::test]
async fn a_proposal_that_came_to_nothing_makes_room_for_another() {
    let contract = medicaid_of_ohio();
    let desk = desk(contract.clone());
    let approved = begin(&desk, &contract).await;
    let approve =
        Command::Approve { by: physician(), lines: Vec::new(), grant: None, why: "the documents show the need".into() };
    desk.act(MAIN_TENANT, &approved.id, "physician", approve).await.expect("approved");
    let proposal = vigil_desk::cut::Proposal {
        line: 1,
        keeps: None,
        effective_on: date(2026, 9, 20),
        why: "The goals of care are reached.".into(),
        exception: None,
    };
    let first = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal.clone()).await.expect("proposed");
    let void = Command::Void { by: manager(), why: "entered for the wrong line".into() };
    desk.act(MAIN_TENANT, &first.id, "manager", void).await.expect("void");
    let second = desk.propose_cut(MAIN_TENANT, &approved.id, manager(), proposal).await.expect("proposed again");
    assert_eq!(second.stage.word(), "peer_clinical_review");
}

/// A physician lets half of the course stay; the words of the letter, on one line.
async fn signed_in_part(desk: &Desk, cut: &Case) -> String {
    let open = Command::OpenEvidence { by: physician(), evidence: "statements".into() };
    desk.act(MAIN_TENANT, &cut.id, "physician", open).await.expect("opened");
    let finding = vigil_domain::determination::Finding {
        line: 1,
        reason: vigil_domain::reason::Reason::read("not_medically_necessary"),
        rationale: "The notes of August 28 show that most goals of the plan of care are reached.".into(),
        plain_reason: if cut.letter_language() == "es" {
            "Sus notas muestran que usted alcanzó la mayoría de las metas de este cuidado."
        } else {
            "Your notes show that you reached most goals of this care."
        }
        .into(),
        criterion: Some("plan policy 7".into()),
        whose: Some(vigil_domain::determination::RuleOwner::PlanPolicy),
    };
    let grant = vigil_domain::determination::Grant {
        authorization: String::new(),
        quantity: Some(Quantity { amount: 0.5, unit: "unit".into() }),
        from: None,
        through: None,
        service: None,
    };
    let decide = Command::Determine {
        by: physician(),
        decisions: vec![vigil_domain::case::command::LineDecision::Partial { grant, finding }],
        attests_no_conflict: true,
        expertise: Some("I treat such patients.".into()),
    };
    let signed = desk.act(MAIN_TENANT, &cut.id, "physician", decide).await.expect("signed");
    mail(desk).await;
    let owed = signed.notices.iter().map(|n| n.purpose).find(|p| *p != Purpose::RequestForInformation);
    let words = letter(desk, &notice(desk, &cut.id, owed.expect("a notice is owed")));
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_held_letter_says_in_words_what_it_lacks_and_where_to_give_it() {
    let mut contract = demonstration_contract();
    contract.correspondence.remove("info_fax");
    let desk = desk(contract.clone());
    let mut asked = request(desk.time.now(), &contract);
    asked.member.address = None;
    let case = desk.enter(MAIN_TENANT, "intake", asked, Vec::new(), None).await.expect("a case");
    let ask = Command::AskInformation {
        by: manager(),
        from: "requester".into(),
        wanted: vec!["the plan of care".into()],
        via: "fax".into(),
    };
    desk.act(MAIN_TENANT, &case.id, "manager", ask).await.expect("asked");
    mail(&desk).await;
    let held = notice(&desk, &case.id, Purpose::RequestForInformation).held.join("\n");
    assert!(held.contains("the member's name and postal address") && held.contains("roster"), "{held}");
    assert!(held.contains("Missing: Fax for medical records."), "{held}");
    // The key under which the contract states it is the one name that has to be typed.
    let words = held.replace("info_fax=…", "");
    assert!(!words.contains('_') && !words.contains("recipient"), "{held}");
}

/// The letter of an extension taken under a condition, for a member who reads Spanish; or what it is held for.
async fn more_time(condition: &str, reason: &str) -> Result<String, Vec<String>> {
    let contract = demonstration_contract();
    let desk = desk(contract.clone());
    let mut asked = request(desk.time.now(), &contract);
    asked.member.language = Some("es".into());
    let case = desk.enter(MAIN_TENANT, "intake", asked, Vec::new(), None).await.expect("a case");
    let extend = Command::Extend { by: manager(), days: 14, condition: condition.into(), reason: reason.into() };
    desk.act(MAIN_TENANT, &case.id, "manager", extend).await.expect("the rule allows it");
    mail(&desk).await;
    let notice = notice(&desk, &case.id, Purpose::Extension);
    let Some(composed) = notice.composed.as_ref() else { return Err(notice.held) };
    let bytes = desk.store.document(MAIN_TENANT, &composed.document).expect("a read").expect("the letter").bytes;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[tokio::test]
async fn the_letter_of_an_extension_says_the_rules_condition_in_the_members_words_and_language() {
    // What the member asked for is the whole reason; English words of ours stay in the file.
    let letter = more_time("member-asked", "The member is waiting for her doctor.").await.expect("it goes out");
    assert!(letter.contains("Usted nos pidió más tiempo.") && !letter.contains("waiting for her doctor"), "{letter}");
    let own = "El sistema del hospital no funciona, y sus notas llegan la próxima semana.";
    let letter = more_time("exceptional-circumstances", own).await.expect("it goes out");
    assert!(
        letter.contains(&format!("Pasó algo fuera de lo común, y más tiempo es lo mejor para usted. {own}")),
        "{letter}"
    );
    // Here the condition alone is no reason, and what was written is not in her language.
    let held = more_time("non-contract-evidence", "The notes of the surgery are with another hospital.").await;
    assert!(held.is_err_and(|held| held.iter().any(|why| why.contains("reason for the delay"))));
}
