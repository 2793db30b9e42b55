//! The log: appends, conflicts, resent messages, documents, pins.

use vigil_store::*;

use crate::common::*;

#[test]
fn a_commit_is_loaded_as_it_was_given() {
    on_both(|store| {
        let done = store.commit_blocking(events("C1", 0, 3)).unwrap();
        assert_eq!((done.version, done.position), (3, 3));
        store.commit_blocking(events("C2", 0, 1)).unwrap();
        let done = store.commit_blocking(events("C1", 3, 2)).unwrap();
        assert_eq!((done.version, done.position), (5, 6));
        let loaded = store.load(TENANT, &SubjectKey::case("C1")).unwrap();
        assert_eq!(loaded.iter().map(|e| e.version).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(loaded.iter().map(|e| e.position).collect::<Vec<_>>(), [1, 2, 3, 5, 6]);
        let given = &events("C1", 0, 3).events[2];
        let kept = &loaded[2];
        assert_eq!((&kept.body, &kept.kind, &kept.actor, kept.form), (&given.body, &given.kind, &given.actor, 1));
        assert_eq!((kept.occurred_at, kept.recorded_at), (given.occurred_at, given.recorded_at));
        assert_eq!(store.load_after(TENANT, &SubjectKey::case("C1"), 3).unwrap(), loaded[3..]);
        let head = store.head(TENANT, &SubjectKey::case("C1")).unwrap().unwrap();
        assert_eq!((head.version, head.position, head.hash), (5, 6, loaded[4].hash));
        assert_eq!(store.feed(2, 3).unwrap().iter().map(|e| e.position).collect::<Vec<_>>(), [3, 4, 5]);
        assert_eq!(store.watermark().unwrap(), 6);
        assert!(store.load("other", &SubjectKey::case("C1")).unwrap().is_empty());
        assert!(store.load(TENANT, &SubjectKey::stay("C1")).unwrap().is_empty());
    });
}

#[test]
fn a_lost_race_writes_nothing_and_names_the_version() {
    on_both(|store| {
        store.commit_blocking(events("C1", 0, 2)).unwrap();
        for wrong in [0, 1, 3] {
            let mut late = events("C1", wrong, 1);
            late.message = Some(message(b"late", b"answer"));
            late.rows = vec![Row::Work(Box::new(work("C1", Some(1), 0)))];
            let Err(CommitError::Conflict { actual }) = store.commit_blocking(late) else { panic!("kept at {wrong}") };
            assert_eq!(actual, 2);
        }
        assert_eq!(store.load(TENANT, &SubjectKey::case("C1")).unwrap().len(), 2);
        assert_eq!(store.work(TENANT, "C1").unwrap(), None);
        let key = message(b"late", b"").key;
        assert_eq!(store.message(TENANT, &key).unwrap(), None);
    });
}

#[test]
fn the_same_message_gets_the_stored_answer_and_makes_no_second_case() {
    on_both(|store| {
        let mut first = events("C1", 0, 1);
        first.message = Some(message(b"request", b"the first answer"));
        store.commit_blocking(first).unwrap();
        let mut second = events("C2", 0, 1);
        second.message = Some(message(b"request", b"another answer"));
        let Err(CommitError::Duplicate { message: kept }) = store.commit_blocking(second) else { panic!("kept twice") };
        assert_eq!(kept.message, message(b"request", b"the first answer"));
        assert_eq!(kept.subject, Some(SubjectKey::case("C1")));
        assert!(store.load(TENANT, &SubjectKey::case("C2")).unwrap().is_empty());
        let mut third = events("C3", 0, 1);
        third.message = Some(message(b"request with other bytes", b"third"));
        store.commit_blocking(third).unwrap();
        let alike = store.messages_by_business_id(TENANT, "urn:b|1", 10).unwrap();
        let subjects: Vec<_> = alike.into_iter().filter_map(|note| note.subject).collect();
        assert_eq!(subjects, [SubjectKey::case("C3"), SubjectKey::case("C1")]);
    });
}

#[test]
fn a_refused_message_is_kept_alone() {
    on_both(|store| {
        let done = store.commit_blocking(Commit::message_only(TENANT, message(b"{", b"not JSON"))).unwrap();
        assert_eq!(done.position, 0);
        let kept = store.message(TENANT, &message(b"{", b"").key).unwrap().unwrap();
        assert_eq!((kept.message.response, kept.subject), (b"not JSON".to_vec(), None));
    });
}

#[test]
fn commits_that_belong_together_are_kept_together_or_not_at_all() {
    on_both(|store| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let together = |commits: Vec<Commit>| runtime.block_on(store.commit_all(commits));
        let told = |mut commit: Commit, body: &[u8]| {
            commit.message = Some(message(body, b"answer"));
            commit
        };
        let done = together(vec![events("A", 0, 2), told(events("B", 0, 1), b"both"), events("A", 2, 1)]).unwrap();
        assert_eq!(done.iter().map(|d| d.version).collect::<Vec<_>>(), [2, 1, 3], "each on top of those before it");
        assert_eq!(done.iter().map(|d| d.position).collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(together(Vec::new()).unwrap(), []);

        let pin = Pin { digest: digest_of(b"the rule"), text: "the rule".to_owned() };
        let first = || {
            let mut first = told(events("C", 0, 2), b"refused");
            first.rows = vec![Row::Work(Box::new(work("C", Some(1), 0)))];
            first.pins = vec![pin.clone()];
            first.errands = vec![errand("k1", 0)];
            first
        };
        let nothing = |why: &str| {
            assert!(store.load(TENANT, &SubjectKey::case("C")).unwrap().is_empty(), "{why}");
            assert_eq!(store.head(TENANT, &SubjectKey::case("C")).unwrap(), None, "{why}");
            assert_eq!(store.work(TENANT, "C").unwrap(), None, "{why}");
            assert_eq!(store.message(TENANT, &message(b"refused", b"").key).unwrap(), None, "{why}");
            assert_eq!((store.pin(TENANT, &pin.digest).unwrap(), store.next_errand().unwrap()), (None, None), "{why}");
        };
        let late = together(vec![first(), events("A", 1, 1)]);
        assert!(matches!(late, Err(CommitError::Conflict { actual: 3 })), "{late:?}");
        nothing("a later one lost its race");
        let again = together(vec![first(), told(events("D", 0, 1), b"both")]);
        assert!(matches!(again, Err(CommitError::Duplicate { .. })), "{again:?}");
        nothing("a later one's message was answered before");
        let mut gone = events("D", 0, 1);
        gone.errands_done = vec![ErrandId(404)];
        assert!(matches!(together(vec![first(), gone]), Err(CommitError::ErrandGone)));
        nothing("a later one's errand is gone");
        together(vec![first(), events("A", 3, 1)]).unwrap();
        assert_eq!(store.load(TENANT, &SubjectKey::case("C")).unwrap().len(), 2);
        assert_eq!(store.pin(TENANT, &pin.digest).unwrap(), Some(pin.text.clone()), "it is known that it was not kept");
        store.verify(&mut |_, _| ()).unwrap();
    });
}

#[test]
fn of_many_that_race_in_groups_one_is_whole_and_the_others_left_nothing() {
    on_both(|store| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let won = runtime.block_on(async {
            let tasks = (0..100).map(|n| {
                let store = store.clone();
                tokio::spawn(async move {
                    let own = events(&format!("C{n}"), 0, 2);
                    match n % 2 {
                        0 => store.commit_all(vec![own, events("shared", 0, 1)]).await.is_ok(),
                        _ => store.commit(own).await.is_ok(),
                    }
                })
            });
            let mut won = Vec::new();
            for (n, task) in tasks.collect::<Vec<_>>().into_iter().enumerate() {
                if task.await.unwrap() {
                    won.push(n);
                }
            }
            won
        });
        assert_eq!((won.len(), won.iter().filter(|n| *n % 2 == 0).count()), (51, 1), "{won:?}");
        for n in 0..100 {
            let kept = store.load(TENANT, &SubjectKey::case(format!("C{n}"))).unwrap().len();
            assert_eq!(kept, if won.contains(&n) { 2 } else { 0 }, "C{n}");
        }
        assert_eq!(store.verify(&mut |_, _| ()).unwrap().events, 103);
    });
}

#[test]
fn bodies_of_every_size_come_back_byte_for_byte() {
    on_both(|store| {
        for size in [0, 1, 128, 129, 20_000, 1 << 20, (1 << 20) + 1, 3 << 20] {
            let mut word = 7_u32;
            let noise = (0..size).map(|i| {
                word = word.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                if i % 3 == 0 { b'a' } else { (word >> 24) as u8 }
            });
            let bytes: Vec<u8> = noise.collect();
            let mut commit = events(&format!("S{size}"), 0, 1);
            commit.message = Some(message(&[size.to_string().as_bytes(), &bytes].concat(), &bytes));
            let document = Document {
                digest: digest_of(&bytes),
                media_type: "application/pdf".to_owned(),
                name: "study.pdf".to_owned(),
                bytes: bytes.clone(),
            };
            commit.documents = vec![document.clone(), document.clone()];
            let key = commit.message.as_ref().unwrap().key;
            store.commit_blocking(commit).unwrap();
            assert_eq!(store.message(TENANT, &key).unwrap().unwrap().message.response, bytes, "size {size}");
            assert_eq!(store.document(TENANT, &document.digest).unwrap(), Some(document), "size {size}");
        }
    });
}

#[test]
fn a_pin_is_kept_once_and_found_by_its_digest() {
    on_both(|store| {
        let pin = Pin { digest: digest_of(b"rule"), text: "rule text, ".repeat(50) };
        for case in ["C1", "C2"] {
            let mut commit = events(case, 0, 1);
            commit.pins = vec![pin.clone(), Pin { digest: pin.digest.clone(), text: "another text".to_owned() }];
            store.commit_blocking(commit).unwrap();
        }
        assert_eq!(store.pin(TENANT, &pin.digest).unwrap(), Some(pin.text));
        assert_eq!(store.pin(TENANT, "unknown").unwrap(), None);
    });
}

#[test]
fn many_at_once_each_get_their_own_answer() {
    on_both(|store| {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let outcomes = runtime.block_on(async {
            let tasks = (0..200).map(|n| {
                let store = store.clone();
                tokio::spawn(async move { store.commit(events(&format!("C{}", n % 100), 0, 2)).await })
            });
            let mut outcomes = Vec::new();
            for task in tasks.collect::<Vec<_>>() {
                outcomes.push(task.await.unwrap());
            }
            outcomes
        });
        let conflicts = outcomes.iter().filter(|o| matches!(o, Err(CommitError::Conflict { actual: 2 }))).count();
        assert_eq!((conflicts, outcomes.iter().filter(|o| o.is_ok()).count()), (100, 100));
        assert_eq!(store.watermark().unwrap(), 200);
    });
}

#[test]
fn a_write_that_fails_does_not_spoil_those_that_shared_its_transaction() {
    on_both(|store| {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (kept, failed) = runtime.block_on(async {
            let commits: Vec<_> = (0..60)
                .map(|n| {
                    let store = store.clone();
                    tokio::spawn(async move {
                        if n % 20 != 7 {
                            return store.commit(events(&format!("C{n}"), 0, 2)).await.is_ok();
                        }
                        let nameless = WriteItem::Provider(vigil_domain::party::Provider::default());
                        store.write(Write::of(TENANT, vec![nameless])).await.is_ok()
                    })
                })
                .collect();
            let mut outcomes = (0, 0);
            for commit in commits {
                if commit.await.unwrap() { outcomes.0 += 1 } else { outcomes.1 += 1 }
            }
            outcomes
        });
        assert_eq!((kept, failed, store.watermark().unwrap()), (57, 3, 114));
        assert_eq!(store.verify(&mut |_, _| ()).unwrap().subjects, 57);
    });
}
