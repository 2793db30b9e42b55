//! Letters that follow from a case without anybody writing them: a dismissal with its own last day, and the file that goes to
//! the independent reviewer when a drug determination is late.

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
    assert!(held.held.iter().any(|gap| gap.contains("“forwarded on”")), "{:?}", held.held);
    let fields = [("forwarded_on".to_owned(), "2026-09-03".to_owned())].into();
    let fill = Command::FillNotice { by: manager(), notice: held.id, fields };
    desk.act(MAIN_TENANT, &case.id, "manager", fill).await.expect("filled");
    mail(&desk).await;
    let given = notice(&desk, &case.id, Purpose::ForwardedForReview);
    assert!(given.given_to("member").is_some(), "held: {:?}", given.held);
}
