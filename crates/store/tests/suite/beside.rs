//! What stands beside the log: errands under leases, the directory, access, the trail.

use vigil_domain::party::{Coverage, Member, PersonName, Provider, Sex};
use vigil_store::*;

use crate::common::*;

fn lease(store: &Store, owner: &str, now: i64) -> Vec<Errand> {
    store.lease_errands_blocking(owner, at(now), at(now + 60), &["send-notice"], 10).unwrap()
}

#[test]
fn an_errand_is_leased_to_one_until_the_lease_runs_out() {
    on_both(|store| {
        let mut commit = events("A", 0, 1);
        commit.errands = vec![errand("k1", 0), errand("k1", 0), errand("k2", 500)];
        store.commit_blocking(commit).unwrap();
        let mut again = events("A", 1, 1);
        again.errands = vec![errand("k1", 0)];
        store.commit_blocking(again).unwrap();
        assert!(store.lease_errands_blocking("n1", at(0), at(60), &["other"], 10).unwrap().is_empty());
        let first = lease(store, "n1", 0);
        assert_eq!(first.iter().map(|e| (e.key.as_str(), e.attempt)).collect::<Vec<_>>(), [("k1", 1)]);
        assert!(lease(store, "n2", 59).is_empty());
        assert_eq!(store.next_errand().unwrap(), Some(at(60)));
        let second = lease(store, "n2", 60);
        assert_eq!((second[0].id, second[0].attempt), (first[0].id, 2));
        let mut done = events("A", 2, 1);
        done.errands_done = vec![second[0].id];
        store.commit_blocking(done).unwrap();
        let mut late = events("A", 3, 1);
        late.errands_done = vec![first[0].id];
        assert!(matches!(store.commit_blocking(late), Err(CommitError::ErrandGone)));
        assert_eq!(store.head(TENANT, &SubjectKey::case("A")).unwrap().unwrap().version, 3);
        // The key of a finished errand is never enqueued again.
        store.write_blocking(Write::of(TENANT, vec![WriteItem::Errand(errand("k1", 0))])).unwrap();
        assert!(lease(store, "n1", 400).is_empty());
    });
}

#[test]
fn a_failed_errand_waits_and_remembers_why() {
    on_both(|store| {
        store.write_blocking(Write::of(TENANT, vec![WriteItem::Errand(errand("k", 0))])).unwrap();
        let id = lease(store, "n", 0)[0].id;
        let failed = WriteItem::ErrandFailed { id, error: "mail refused".to_owned(), retry_at: at(900) };
        store.write_blocking(Write::of(TENANT, vec![failed])).unwrap();
        assert!(lease(store, "n", 899).is_empty());
        let again = lease(store, "n", 900);
        assert_eq!((again[0].attempt, again[0].last_error.as_deref()), (2, Some("mail refused")));
        store.write_blocking(Write::of(TENANT, vec![WriteItem::ErrandDone(id)])).unwrap();
        assert_eq!(store.next_errand().unwrap(), None);
    });
}

#[test]
fn the_directory_is_found_by_its_keys() {
    on_both(|store| {
        let member = |payer: &str, family: &str| Member {
            payer_id: payer.to_owned(),
            member_id: "M1".to_owned(),
            name: PersonName { family: family.to_owned(), given: "Jane".to_owned() },
            birth_day: Some(day("1950-01-02")),
            sex: Sex::Female,
            address: None,
            phone: None,
            language: None,
            provisional: false,
        };
        let coverage = |plan: &str, order| Coverage {
            payer_id: "P".to_owned(),
            member_id: "M1".to_owned(),
            subscriber_id: None,
            plan_id: plan.to_owned(),
            from: day("2026-01-01"),
            through: None,
            order,
        };
        let provider =
            Provider { npi: Some("1234567893".to_owned()), name: "Main St Clinic".to_owned(), ..Provider::default() };
        let code = |code: &str| CodeEntry {
            system: "hcpcs".to_owned(),
            code: code.to_owned(),
            display: "Power wheelchair".to_owned(),
            from: Some(day("2006-11-15")),
            through: None,
        };
        let items = vec![
            WriteItem::Member(member("P", "Old")),
            WriteItem::Member(member("P", "Doe")),
            WriteItem::Member(member("Q", "Roe")),
            WriteItem::Coverage(coverage("A", 2)),
            WriteItem::Coverage(coverage("B", 1)),
            WriteItem::Provider(provider.clone()),
            WriteItem::Code(code("K0861")),
            WriteItem::Code(code("K0862")),
        ];
        store.write_blocking(Write::of(TENANT, items)).unwrap();
        assert_eq!(store.member(TENANT, "P", "M1").unwrap(), Some(member("P", "Doe")));
        assert_eq!(store.members_by_number(TENANT, "M1").unwrap().len(), 2);
        assert_eq!(store.members_by_name(TENANT, "DOE, j", 5).unwrap(), [member("P", "Doe")]);
        assert!(store.members_by_name(TENANT, "old", 5).unwrap().is_empty());
        assert_eq!(store.coverages(TENANT, "P", "M1").unwrap(), [coverage("B", 1), coverage("A", 2)]);
        assert_eq!(store.provider(TENANT, "1234567893").unwrap(), Some(provider.clone()));
        assert_eq!(store.providers_by_name(TENANT, "main st", 5).unwrap(), [provider]);
        assert_eq!(store.code("hcpcs", "K0861").unwrap(), Some(code("K0861")));
        assert_eq!(store.codes("hcpcs", "K08", 5).unwrap().len(), 2);
        assert_eq!(store.member("other", "P", "M1").unwrap(), None);
        let nameless = Write::of(TENANT, vec![WriteItem::Code(code("K1")), WriteItem::Provider(Provider::default())]);
        assert!(store.write_blocking(nameless).is_err());
        assert_eq!(store.code("hcpcs", "K1").unwrap(), None, "all items or none");
    });
}

#[test]
fn accounts_sessions_and_tokens_come_and_go() {
    on_both(|store| {
        let account = Account {
            name: "rivera".to_owned(),
            display: "Ana Rivera".to_owned(),
            roles: vec!["nurse".to_owned()],
            password_hash: "$argon2id$x".to_owned(),
            active: true,
            credential: None,
        };
        let session = |n: u8, until| Session {
            token_hash: [n; 32],
            tenant: TENANT.to_owned(),
            account: "rivera".to_owned(),
            created_at: at(0),
            expires_at: at(until),
        };
        let token = Token {
            hash: [9; 32],
            tenant: TENANT.to_owned(),
            name: "clinic".to_owned(),
            scopes: vec!["submit".to_owned(), "inquire".to_owned()],
            created_at: at(0),
            expires_at: None,
            revoked_at: None,
        };
        let put = |items| store.write_blocking(Write::of(TENANT, items)).unwrap();
        put(vec![
            WriteItem::Account(account.clone()),
            WriteItem::Session(session(1, 10)),
            WriteItem::Session(session(2, 20)),
            WriteItem::Session(session(3, 30)),
            WriteItem::Token(token.clone()),
            WriteItem::Setting { name: "zone".to_owned(), value: "1".to_owned() },
        ]);
        assert_eq!(store.accounts(TENANT).unwrap(), std::slice::from_ref(&account));
        assert_eq!(store.account(TENANT, "rivera").unwrap(), Some(account));
        assert_eq!(store.setting(TENANT, "zone").unwrap().as_deref(), Some("1"));
        assert_eq!(store.session(&[2; 32]).unwrap(), Some(session(2, 20)));
        put(vec![WriteItem::SweepSessions(at(15))]);
        assert_eq!(store.session(&[1; 32]).unwrap(), None);
        put(vec![WriteItem::EndSession([2; 32])]);
        assert_eq!(store.session(&[2; 32]).unwrap(), None);
        put(vec![WriteItem::EndSessionsOf("rivera".to_owned())]);
        assert_eq!(store.session(&[3; 32]).unwrap(), None);
        let revoked = Token { revoked_at: Some(at(5)), ..token };
        put(vec![WriteItem::Token(revoked.clone())]);
        assert_eq!(store.token(&[9; 32]).unwrap(), Some(revoked.clone()));
        assert_eq!(store.tokens(TENANT).unwrap(), [revoked]);
    });
}

#[test]
fn the_trail_names_all_subjects_of_a_page() {
    on_both(|store| {
        let entry = |second, action: &str, cases: &[&str]| {
            WriteItem::Trail(TrailEntry {
                at: at(second),
                actor: "rivera".to_owned(),
                action: action.to_owned(),
                subjects: cases.iter().map(|case| SubjectKey::case(*case)).collect(),
                detail: "worklist".to_owned(),
            })
        };
        store
            .write_blocking(Write::of(TENANT, vec![entry(1, "list", &["A", "B", "A"]), entry(2, "read", &["A"])]))
            .unwrap();
        let of = |case: &str, before| store.trail(TENANT, &SubjectKey::case(case), before, 10).unwrap();
        let actions = |notes: &[TrailNote]| notes.iter().map(|note| note.action.clone()).collect::<Vec<_>>();
        assert_eq!(actions(&of("A", None)), ["read", "list"]);
        assert_eq!(actions(&of("A", Some(of("A", None)[0].number))), ["list"]);
        assert_eq!(actions(&of("B", None)), ["list"]);
        assert_eq!(store.trail_of_actor(TENANT, "rivera", None, 10).unwrap().len(), 2);
    });
}
