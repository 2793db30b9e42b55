//! Letters to a member who reads Spanish, walked from the request to the paper: a denial under criteria, a request for
//! information, and the cut of a course; nothing of English is left in them and no name of a field. With `VIGIL_LETTERS=FOLDER`
//! the letters are written there as PDF, to be looked at.

use jiff::{SignedDuration, civil::date};
use vigil_desk::{
    Desk, MAIN_TENANT,
    cut::Proposal,
    enter::Attached,
    errand::{MailRoom, Printer},
    party::demonstration_contract,
    sim::{
        arrivals::line,
        services::{self, SERVICES},
    },
};
use vigil_domain::{
    case::{
        Case, NoticeState,
        command::{Actor, Command, LineDecision},
    },
    code::{Code, CodeSystem},
    determination::{Finding, Grant, RuleOwner},
    notice::{Purpose, tongue},
    party::{Contract, Credential, Licence, LineOfBusiness, PersonName},
    reason::Reason,
    request::{Quantity, Request},
    time::Day,
};

use super::desk;

/// A request of one service of the simulation, its criteria met or not.
fn request(desk: &Desk, contract: &Contract, service: &str, met: bool, language: &str) -> Request {
    let service = services::by_id(service);
    let now = desk.time.now();
    let on = contract.zone.day(now);
    let mut asked = super::request(now, contract);
    asked.member.name = PersonName { family: "Núñez Peña".into(), given: "María José".into() };
    asked.member.language = Some(language.into());
    asked.requester.name = "Dra. Inés Muñoz".into();
    asked.diagnoses[0].code = Code::new(CodeSystem::Icd10Cm, service.diagnosis);
    asked.lines = vec![line(service, 1, on, 5)];
    asked.items = service.facts(met).into_iter().map(|(id, value)| service.answer(id, value, on)).collect();
    asked
}

fn actor(person: &str, name: &str, kind: &str, specialties: &[&str]) -> Actor {
    let licence = |state: &str| Licence {
        kind: kind.into(),
        state: state.into(),
        number: "1".into(),
        from: date(2020, 1, 1),
        through: date(2030, 1, 1),
    };
    let credential = Credential {
        person: person.into(),
        name: name.into(),
        licences: vec![licence("NY"), licence("OH")],
        specialties: specialties.iter().map(|s| (*s).to_owned()).collect(),
        npi: None,
        reports_to: None,
        attested_on: Some(date(2026, 1, 5)),
    };
    Actor { person: person.into(), name: name.into(), credential }
}

fn nurse() -> Actor {
    actor("nurse", "Nora Vale, RN", "RN", &[])
}

fn physician() -> Actor {
    actor("physician", "Helen Sterling, MD", "MD", &["pulmonology", "internal-medicine"])
}

async fn act(desk: &Desk, case: &Case, command: Command) -> Case {
    desk.act(MAIN_TENANT, &case.id, "somebody", command).await.unwrap_or_else(|error| panic!("{error:?}"))
}

/// The words of the letter of a purpose on one line; its PDF in the folder of `VIGIL_LETTERS`, under a name.
async fn letter(desk: &Desk, case: &Case, purpose: Purpose, name: &str) -> String {
    let folder = std::env::var_os("VIGIL_LETTERS").map(std::path::PathBuf::from);
    let printer = if folder.is_some() { Printer::Pdf } else { Printer::Text };
    let mail = MailRoom { printer, outbox: None };
    for _ in 0..2 {
        assert_eq!(desk.run_errands("test", &mail, 50).await.expect("errands").failed, 0);
    }
    let case = desk.load(MAIN_TENANT, &case.id).expect("a load").expect("the case");
    let notice: &NoticeState = case.notices.iter().find(|n| n.purpose == purpose).expect("the notice is owed");
    let document = &notice.composed.as_ref().unwrap_or_else(|| panic!("held: {:?}", notice.held)).document;
    let bytes = desk.store.document(MAIN_TENANT, document).expect("a read").expect("the letter").bytes;
    if let Some(folder) = folder {
        std::fs::write(folder.join(format!("{name}.pdf")), &bytes).expect("the letter is written");
        return String::new();
    }
    String::from_utf8(bytes).expect("text")
}

/// No sentence of English, no name of a field.
fn is_spanish(words: &str) {
    for line in words.lines().filter(|line| !line.trim().is_empty()) {
        assert!(tongue::fits(line, "es"), "English is left: {line}\n\n{words}");
        let field = line.split_whitespace().find(|w| w.contains('_') || w.contains("{{"));
        assert!(field.is_none(), "a name of a field is left: {line}");
        for english in ["unit", "month", "visit", "doctor", "Letter", "Records", "Member", "Date", "Appeals"] {
            let word = |w: &str| w.trim_matches(|c: char| !c.is_alphabetic()) == english;
            assert!(!line.split_whitespace().any(word), "{english:?} is left: {line}");
        }
    }
}

fn wants_letters() -> bool {
    std::env::var_os("VIGIL_LETTERS").is_none()
}

#[tokio::test]
async fn a_denial_speaks_spanish_from_the_first_word_to_the_last() {
    let contract = demonstration_contract();
    let desk = desk(contract.clone());
    let note = Attached {
        title: "Evaluación pulmonar – Núñez.txt".into(),
        media_type: "text/plain".into(),
        bytes: "Presión de oxígeno arterial 70.".as_bytes().to_vec(),
    };
    let asked = request(&desk, &contract, "home-oxygen", false, "es-MX");
    let case = desk.enter(MAIN_TENANT, "intake", asked, vec![note], None).await.expect("a case");
    let case = act(&desk, &case, Command::Take { by: nurse() }).await;
    let why = "the oxygen test does not show the level".to_owned();
    let mut case = act(&desk, &case, Command::Refer { by: nurse(), why }).await;
    for evidence in case.evidence() {
        case = act(&desk, &case, Command::OpenEvidence { by: physician(), evidence }).await;
    }
    let evaluation = case.lines[0].evaluation.clone().expect("criteria bind");
    let pack = desk.library.criteria.by_digest(&evaluation.pack).expect("the pack").clone();
    let ground = pack.grounds(&evaluation.trace).first().map(|g| g.text()).expect("a criterion is not met");
    let finding = Finding {
        line: 1,
        reason: Reason::NotMedicallyNecessary,
        rationale: "The arterial oxygen pressure of 70 is above the level that the rule names.".into(),
        plain_reason: "Su prueba muestra que el oxígeno de su sangre está por encima del nivel que pide la regla."
            .into(),
        criterion: Some(ground),
        whose: Some(RuleOwner::Federal),
    };
    let deny = Command::Determine {
        by: physician(),
        decisions: vec![LineDecision::Deny { finding }],
        attests_no_conflict: true,
        expertise: Some("twelve years of practice with patients who need this service".into()),
    };
    let case = act(&desk, &case, deny).await;
    let words = letter(&desk, &case, Purpose::AdverseDetermination, "es-denial").await;
    if wants_letters() {
        is_spanish(&words);
        assert!(words.contains("Evaluación pulmonar – Núñez.txt"), "the file's name keeps its accents: {words}");
        assert!(words.contains("12 meses") && words.contains("Concentrador de oxígeno"), "{words}");
    }
}

#[tokio::test]
async fn a_request_for_information_names_the_day_that_the_case_shows() {
    for language in ["en", "es"] {
        let contract = demonstration_contract();
        let desk = desk(contract.clone());
        let case = desk
            .enter(MAIN_TENANT, "intake", request(&desk, &contract, "home-oxygen", false, language), Vec::new(), None)
            .await
            .expect("a case");
        // An extension moves the day; the letter that asks afterwards names the moved one.
        let reason = "the sleep study is awaited, which may change the answer".to_owned();
        let extend = Command::Extend { by: nurse(), days: 14, condition: "non-contract-evidence".into(), reason };
        desk.time.set(desk.time.now() + SignedDuration::from_hours(30));
        let case = act(&desk, &case, extend).await;
        let ask = Command::AskInformation {
            by: nurse(),
            from: "requester".into(),
            wanted: vec![if language == "es" { "el estudio del sueño".into() } else { "the sleep study".into() }],
            via: "fax".into(),
        };
        let case = act(&desk, &case, ask).await;
        let due = contract.zone.day(case.decision_clock().expect("a clock").due_at);
        let words = letter(&desk, &case, Purpose::RequestForInformation, &format!("{language}-information")).await;
        if wants_letters() {
            let day = in_words(due, language);
            let said = words.matches(&day).count();
            assert!(said >= 2, "until when to send, and until when we decide, is {day}: {words}");
            let first = in_words(contract.zone.day(case.decision_clock().expect("a clock").first_due_at), language);
            assert!(!words.contains(&first), "not the day before the extension, {first}: {words}");
        }
    }
}

fn in_words(day: Day, language: &str) -> String {
    vigil_domain::notice::day_in_words(day, language)
}

#[tokio::test]
async fn the_cut_of_a_course_speaks_the_members_language() {
    for language in ["en", "es"] {
        let mut contract = demonstration_contract();
        contract.line_of_business = LineOfBusiness::MedicaidManagedCare;
        contract.state = "OH".into();
        contract.rating_period_start = Some(date(2026, 7, 1));
        let desk = desk(contract.clone());
        let asked = request(&desk, &contract, "cardiac-rehab", true, language);
        let case = desk.enter(MAIN_TENANT, "intake", asked, Vec::new(), None).await.expect("a case");
        let case = match case.is_determined() {
            true => case,
            false => {
                let why = "the documents show the need".to_owned();
                act(&desk, &case, Command::Approve { by: physician(), lines: Vec::new(), grant: None, why }).await
            }
        };
        let proposal = Proposal {
            line: 1,
            keeps: Some(20.0),
            effective_on: date(2026, 9, 20),
            why: "Most goals of care are reached.".into(),
            exception: None,
        };
        let by = actor("manager", "A Manager", "RN", &[]);
        let mut cut = desk.propose_cut(MAIN_TENANT, &case.id, by, proposal).await.expect("proposed");
        for evidence in cut.evidence() {
            cut = act(&desk, &cut, Command::OpenEvidence { by: physician(), evidence }).await;
        }
        let finding = Finding {
            line: 1,
            reason: Reason::NotMedicallyNecessary,
            rationale: "The notes of August 28 show that most goals of the plan of care are reached.".into(),
            plain_reason: if language == "es" {
                "Las notas de su programa muestran que alcanzó la mayoría de las metas. Todavía necesita algunas visitas."
            } else {
                "Your program's notes show that you reached most goals. You still need some visits."
            }
            .into(),
            criterion: Some("plan policy 7".into()),
            whose: Some(RuleOwner::PlanPolicy),
        };
        let quantity = Some(Quantity { amount: 20.0, unit: "visit".into() });
        let grant = Grant { authorization: String::new(), quantity, from: None, through: None, service: None };
        let decide = Command::Determine {
            by: physician(),
            decisions: vec![LineDecision::Partial { grant, finding }],
            attests_no_conflict: true,
            expertise: Some("twelve years of practice with patients who need this service".into()),
        };
        let cut = act(&desk, &cut, decide).await;
        let purpose = cut.notices.iter().map(|n| n.purpose).find(|p| *p != Purpose::RequestForInformation);
        let words = letter(&desk, &cut, purpose.expect("a notice"), &format!("{language}-cut")).await;
        if wants_letters() && language == "es" {
            is_spanish(&words);
            assert!(words.contains("«plan policy 7»"), "a name in another language stands as a name: {words}");
            assert!(words.contains("16 visitas") && words.contains("20 visitas"), "{words}");
        } else if wants_letters() {
            assert!(words.contains("16 visits") && words.contains("20 visits"), "{words}");
        }
    }
}

#[test]
fn the_department_of_the_demonstration_has_spanish_words_for_all_it_asks() {
    let library = vigil_packs::open(&[]).unwrap_or_else(|issues| panic!("{} pack issues", issues.len()));
    for service in SERVICES {
        assert!(library.notices.say(service.words, "es").is_some(), "{}", service.words);
        let unit = service.quantity.1;
        assert_ne!(library.notices.unit(unit, true, "es"), format!("{unit}s"), "{unit}");
    }
}
