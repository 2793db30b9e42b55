//! Rosters, coverages, providers and contracts: what reads, and every fault with its line and column.
#![allow(clippy::unwrap_used)]

use vigil_domain::{party::LineOfBusiness, time::Day};
use vigil_wire::{
    csv::{self, Column},
    fhir::{
        directory::{read_directory, read_piece},
        references::{BodyKind, References, kind_of},
    },
    issue::Issue,
};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn places(issues: &[Issue]) -> Vec<&str> {
    issues.iter().map(|issue| issue.expression.as_str()).collect()
}

#[test]
fn tables_read_to_values() {
    let members = csv::read_members(
        "\u{feff}member_id,payer_id,family,given,birth_day,sex,line1,city,state,zip,language\n\
         M1,P1,\"Rivera, Soto\",Ana Maria,1951-04-09,Female,\"12 Sample Street, 2nd floor\",Albany,NY,12207,es\n"
            .as_bytes(),
    )
    .unwrap();
    assert_eq!(members[0].name.listed(), "Rivera, Soto, Ana Maria");
    assert_eq!(members[0].birth_day, Some(day("1951-04-09")));
    assert_eq!(members[0].address.as_ref().unwrap().lines, ["12 Sample Street, 2nd floor"]);
    let coverages =
        csv::read_coverages(b"payer_id,member_id,plan_id,from,through,order\nP1,M1,H1-001,2026-01-01,,2\n").unwrap();
    assert_eq!((coverages[0].from, coverages[0].through, coverages[0].order), (day("2026-01-01"), None, 2));
    let providers = csv::read_providers(
        b"npi,name,kind,specialties,networks\n1234567893,Sample Clinic,organization,207R00000X; 208D00000X,H1-001;H1-002\n",
    )
    .unwrap();
    assert!(providers[0].organization);
    assert_eq!(providers[0].networks, ["H1-001", "H1-002"]);
    let contracts = csv::read_contracts(
        b"id,payer_id,plan_id,name,line_of_business,state,zone,excluded_services,network_only\n\
          H1,P1,H1-001,Sample Advantage,medicare-advantage,NY,America/New_York,hcpcs:E1399,yes\n",
    )
    .unwrap();
    assert_eq!(contracts[0].line_of_business, LineOfBusiness::MedicareAdvantage);
    assert_eq!(contracts[0].excluded_services[0].value, "E1399");
    assert!(contracts[0].network_only && !contracts[0].grandfathered);
}

#[test]
fn each_fault_of_a_table_has_its_line_and_column() {
    type Check = (&'static str, fn(&[u8]) -> Vec<Issue>, &'static str, &'static [&'static str]);
    let members: fn(&[u8]) -> Vec<Issue> = |bytes| csv::read_members(bytes).unwrap_err();
    let coverages: fn(&[u8]) -> Vec<Issue> = |bytes| csv::read_coverages(bytes).unwrap_err();
    let providers: fn(&[u8]) -> Vec<Issue> = |bytes| csv::read_providers(bytes).unwrap_err();
    let contracts: fn(&[u8]) -> Vec<Issue> = |bytes| csv::read_contracts(bytes).unwrap_err();
    let table: &[Check] = &[
        (
            "a header with a stranger",
            members,
            "payer_id,member_id,family,birth_day,colour\n",
            &["line 1, column colour"],
        ),
        ("a header that lacks", members, "payer_id,member_id,family\n", &["line 1, column birth_day"]),
        (
            "all faults of all rows",
            members,
            "payer_id,member_id,family,birth_day,sex\n,M1,A,1951-04-09,\nP1,M2,,09.04.1951,x\n",
            &["line 2, column payer_id", "line 3, column family", "line 3, column birth_day", "line 3, column sex"],
        ),
        ("a row too short", members, "payer_id,member_id,family,birth_day\nP1,M1\n", &["line 2"]),
        (
            "a member twice",
            members,
            "payer_id,member_id,family,birth_day\nP1,M1,A,1951-04-09\nP1,M1,A,1951-04-09\n",
            &["line 3"],
        ),
        (
            "a coverage that ends before it begins",
            coverages,
            "payer_id,member_id,plan_id,from,through,order\nP1,M1,H1,2026-02-01,2026-01-31,0\n",
            &["line 2, column through", "line 2, column order"],
        ),
        (
            "an NPI whose check digit does not hold",
            providers,
            "npi,name,kind\n1234567890,A,person\n,B,clinic\n",
            &["line 2, column npi", "line 3, column npi", "line 3, column kind"],
        ),
        (
            "a contract without law or zone",
            contracts,
            "id,payer_id,plan_id,name,line_of_business,state,zone,network_only,excluded_services\n\
             H1,P1,H1-1,A,medicare,New York,EST,maybe,E1390\n",
            &[
                "line 2, column line_of_business",
                "line 2, column state",
                "line 2, column zone",
                "line 2, column excluded_services",
                "line 2, column network_only",
            ],
        ),
    ];
    for (name, read, text, expected) in table {
        assert_eq!(places(&read(text.as_bytes())), *expected, "{name}");
    }
    assert_eq!(places(&members(b"payer_id,member_id,family,birth_day\nP1,M1,\xff,1951-04-09\n")), ["line 2"]);
}

#[test]
fn the_manual_names_every_column() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/operate/import.md");
    let manual = std::fs::read_to_string(path).unwrap();
    for (file, columns) in [
        ("members.csv", csv::MEMBERS),
        ("coverages.csv", csv::COVERAGES),
        ("providers.csv", csv::PROVIDERS),
        ("contracts.csv", csv::CONTRACTS),
        ("payer-terms.csv", csv::PAYER_TERMS),
        ("expected-stays.csv", csv::EXPECTED_STAYS),
    ] {
        let section = manual.split(&format!("### {file}\n")).nth(1).unwrap().split("\n#").next().unwrap();
        let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
        let expected: Vec<String> = columns
            .iter()
            .map(|Column { name, required, meaning }| {
                format!("| `{name}` | {} | {meaning} |", if *required { "required" } else { "" })
            })
            .collect();
        assert_eq!(rows, expected, "{file}");
    }
}

const PATIENT: &str = r#"{"resourceType":"Patient","id":"p","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"000-00-0000"},{"value":"M1"}],"name":[{"family":"Rivera","given":["Ana"]}],"gender":"female","birthDate":"1951-04-09"}"#;
const COVERAGE: &str = r#"{"resourceType":"Coverage","id":"c","status":"active","subscriberId":"S1","beneficiary":{"reference":"Patient/p"},"payor":[{"reference":"Organization/plan"}],"class":[{"type":{"coding":[{"code":"plan"}]},"value":"H1-001"}],"period":{"start":"2026-01-01"}}"#;
const PLAN: &str = r#"{"resourceType":"Organization","id":"plan","type":[{"coding":[{"code":"pay"}]}],"identifier":[{"value":"P9"}],"name":"Plan"}"#;
const PERSON: &str = r#"{"resourceType":"Practitioner","id":"d","identifier":[{"system":"http://hl7.org/fhir/sid/us-npi","value":"1234567893"}],"name":[{"family":"Example","given":["Robin"]}]}"#;
const ROLE: &str = r#"{"resourceType":"PractitionerRole","practitioner":{"reference":"Practitioner/d"},"specialty":[{"coding":[{"code":"207R00000X"}]}],"telecom":[{"system":"phone","value":"555"}]}"#;

#[test]
fn resources_read_alone_in_a_bundle_and_by_line() {
    let lines = [COVERAGE, ROLE, PATIENT, PLAN, PERSON].join("\n");
    let entries: Vec<String> = lines.lines().map(|one| format!("{{\"resource\":{one}}}")).collect();
    let bundle = format!("{{\"resourceType\":\"Bundle\",\n\"entry\":[{}]}}", entries.join(",\n"));
    for body in [lines.clone(), lines + "\n\n", bundle] {
        let found = read_directory(body.as_bytes(), "P1").unwrap();
        assert!(found.warnings.is_empty(), "{:?}", found.warnings);
        assert_eq!((found.members[0].member_id.as_str(), found.members[0].payer_id.as_str()), ("M1", "P1"));
        let coverage = &found.coverages[0];
        assert_eq!(
            (coverage.member_id.as_str(), coverage.payer_id.as_str(), coverage.plan_id.as_str()),
            ("M1", "P9", "H1-001")
        );
        assert_eq!((coverage.subscriber_id.as_deref(), coverage.from), (Some("S1"), day("2026-01-01")));
        assert_eq!(found.providers.len(), 1);
        assert_eq!((found.providers[0].name.as_str(), found.providers[0].specialties.len()), ("Robin Example", 1));
        assert_eq!(found.providers[0].phone.as_deref(), Some("555"));
    }
    assert_eq!(read_directory(PATIENT.as_bytes(), "P1").unwrap().members.len(), 1);
}

#[test]
fn each_fault_of_a_resource_has_its_place() {
    let bad = [
        PATIENT.replace("1951-04-09", "1951"),
        PATIENT.replace("\"birthDate\":\"1951-04-09\"", "\"active\":true"),
        PERSON.replace("1234567893", "1234567890"),
        COVERAGE.replace("\"start\"", "\"end\""),
    ]
    .join("\n");
    let read = read_directory(bad.as_bytes(), "P1").unwrap();
    assert_eq!(
        places(&read.refused),
        ["line 2: Patient.birthDate", "line 3: Practitioner.identifier", "line 4: Coverage.period.start"]
    );
    assert_eq!((read.members.len(), read.providers.len(), read.coverages.len()), (1, 0, 0), "each line for itself");
    let cut = read_directory(format!("{PATIENT}\n{{\"resourceType\":").as_bytes(), "P1").unwrap();
    assert_eq!((places(&cut.refused), cut.members.len()), (vec!["line 2, column 17"], 1));
    let whole = format!("{{\"resourceType\":\"Bundle\",\"entry\":[{{\"resource\":{}}}]}}", bad.lines().nth(1).unwrap());
    assert!(read_directory(whole.as_bytes(), "P1").is_err(), "a Bundle is taken whole or not at all");
    let cut = read_directory(b"{\n\"resourceType\":\n\"Patient\"", "P1").unwrap_err();
    assert_eq!((cut.len(), places(&cut)), (1, vec!["line 3, column 10"]));
    let strange = read_directory(br#"{"resourceType":"Device"}"#, "P1").unwrap();
    assert_eq!(places(&strange.warnings), ["Device"]);
}

#[test]
fn a_file_of_its_own_for_each_type_is_joined_by_what_the_others_say() {
    let mut known = References::default();
    [PATIENT, PLAN, ROLE, COVERAGE, PERSON, "not JSON"].iter().for_each(|line| known.learn(line.as_bytes()));
    let coverages = format!("{COVERAGE}\n{}", COVERAGE.replace("Patient/p", "Patient/unknown"));
    let named = known.named_in(coverages.as_bytes());
    assert_eq!((named.patients.len(), named.organizations.len(), named.roles.len()), (1, 1, 0));
    let read = read_piece(coverages.as_bytes(), "P1", 41, &named).unwrap();
    assert_eq!((read.coverages[0].member_id.as_str(), read.coverages[0].payer_id.as_str()), ("M1", "P9"));
    assert_eq!(read.coverages[1].member_id, "S1", "without its patient, the subscriber's number");
    let people = read_piece(PERSON.as_bytes(), "P1", 1, &known.named_in(PERSON.as_bytes())).unwrap();
    assert_eq!((people.providers[0].specialties.len(), people.providers[0].phone.as_deref()), (1, Some("555")));
    let roles = read_piece(ROLE.as_bytes(), "P1", 1, &known).unwrap();
    assert!(roles.warnings.is_empty() && roles.providers.is_empty(), "taken along by the practitioner");
    let bad = read_piece(PATIENT.replace("1951-04-09", "bad").as_bytes(), "P1", 41, &known).unwrap();
    assert_eq!(places(&bad.refused), ["line 41: Patient.birthDate"]);
}

#[test]
fn a_body_is_known_by_what_it_begins_with() {
    let request = include_bytes!("samples/home-oxygen.in.json");
    assert_eq!(kind_of(request), BodyKind::Request);
    assert_eq!(kind_of(PATIENT.as_bytes()), BodyKind::Resources);
    for other in [&b"[]"[..], b"{}", b"hello", b"\xff", b""] {
        assert_eq!(kind_of(other), BodyKind::Other);
    }
}
