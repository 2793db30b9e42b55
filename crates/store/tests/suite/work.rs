//! Read models: the worklist's order and paging, search, keys, deadlines, measures, decided cases.

use vigil_store::*;

use crate::common::*;

fn put(store: &Store, case: &str, rows: Vec<Row>) {
    let version = store.head(TENANT, &SubjectKey::case(case)).unwrap().map_or(0, |head| head.version);
    let mut commit = events(case, version, 1);
    commit.rows = rows;
    store.commit_blocking(commit).unwrap();
}

fn put_work(store: &Store, row: WorkRow) {
    put(store, &row.case_id.clone(), vec![Row::Work(Box::new(row))]);
}

fn ids(rows: &[WorkRow]) -> Vec<&str> {
    rows.iter().map(|row| row.case_id.as_str()).collect()
}

#[test]
fn a_row_comes_back_as_it_was_written() {
    on_both(|store| {
        let full = WorkRow {
            birth_day: Some(day("1954-02-28")),
            due_rule: Some("ma-standard-7d".to_owned()),
            late: true,
            owner: Some("rivera".to_owned()),
            decided_at: Some(at(9)),
            outcome: Some("approved".to_owned()),
            authorization: Some("A-1".to_owned()),
            episode: Some("E-1".to_owned()),
            scenario: Some("2".to_owned()),
            ..work("C1", Some(5), 7)
        };
        put_work(store, full.clone());
        assert_eq!(store.work(TENANT, "C1").unwrap(), Some(full.clone()));
        assert_eq!(store.cases_of_episode(TENANT, "E-1", 5).unwrap(), std::slice::from_ref(&full));
        assert_eq!(store.cases_of_scenario(TENANT, "2", 5).unwrap(), [full]);
        put_work(store, work("C1", None, -3));
        assert_eq!(store.work(TENANT, "C1").unwrap(), Some(work("C1", None, -3)));
        assert!(store.cases_of_episode(TENANT, "E-1", 5).unwrap().is_empty());
    });
}

#[test]
fn the_worklist_orders_by_due_then_risk_then_id_and_pages_over_ties() {
    on_both(|store| {
        // (case, due, risk), already in the order expected.
        let order =
            [("D", Some(10), 5), ("A", Some(10), 1), ("B", Some(10), 1), ("Z", Some(10), -1), ("C", Some(20), 9)];
        let last = [("E", None, 100), ("F", None, 1)];
        for (case, due, risk) in order.iter().chain(&last).rev() {
            put_work(store, work(case, *due, *risk));
        }
        put_work(store, WorkRow { open: false, ..work("closed", Some(1), 0) });
        let all: Vec<&str> = order.iter().chain(&last).map(|row| row.0).collect();
        for limit in 1..=8 {
            let (mut seen, mut cursor) = (Vec::new(), None);
            loop {
                let page = store.worklist(TENANT, &WorkFilter::default(), cursor.as_ref(), limit).unwrap();
                assert!(page.rows.len() <= limit);
                seen.extend(page.rows.iter().map(|row| row.case_id.clone()));
                let Some(next) = page.next else { break };
                cursor = WorkCursor::parse(&next.to_text());
                assert_eq!(cursor, Some(next));
            }
            assert_eq!(seen, all, "limit {limit}");
            // And back again, from the last row to the first page.
            let mut back: Vec<String> = seen[all.len() - 1..].to_vec();
            let end = store.worklist(TENANT, &WorkFilter::default(), None, all.len()).unwrap();
            let mut before = end.rows.last().map(WorkCursor::of);
            while let Some(place) = before {
                let page = store.worklist_before(TENANT, &WorkFilter::default(), &place, limit).unwrap();
                assert!(page.rows.len() <= limit && page.next.is_some() != page.rows.is_empty());
                back.splice(0..0, page.rows.iter().map(|row| row.case_id.clone()));
                before = page.previous;
            }
            assert_eq!(back, all, "limit {limit}, backwards");
        }
        assert!(store.worklist("other", &WorkFilter::default(), None, 9).unwrap().rows.is_empty());
        assert_eq!(store.count_work(TENANT, &WorkFilter::default(), 1_000).unwrap(), 7);
        assert_eq!(store.count_work(TENANT, &WorkFilter::default(), 3).unwrap(), 3);
    });
}

#[test]
fn each_filter_narrows_alone_and_with_others() {
    on_both(|store| {
        let some = |text: &str| Some(text.to_owned());
        put_work(store, work("A", Some(1), 0));
        put_work(store, WorkRow { queue: "physician".to_owned(), ..work("B", Some(2), 0) });
        put_work(store, WorkRow { owner: some("rivera"), ..work("C", Some(3), 0) });
        put_work(store, WorkRow { owner: some("rivera"), queue: "physician".to_owned(), ..work("D", Some(4), 0) });
        put_work(store, WorkRow { urgency: "expedited".to_owned(), late: true, ..work("E", Some(5), 0) });
        put_work(store, WorkRow { line_of_business: "chip".to_owned(), ..work("F", None, 0) });
        for (case, there) in [("B", true), ("C", true), ("F", true), ("C", false)] {
            put(store, case, vec![Row::Stay(Box::new(StayRow::mark("case-eligibility", case, there)))]);
        }
        let none = WorkFilter::default();
        let table = [
            (WorkFilter { marked: some("case-eligibility"), ..none.clone() }, vec!["B", "F"]),
            (WorkFilter { marked: some("case-eligibility"), queue: some("physician"), ..none.clone() }, vec!["B"]),
            (WorkFilter { marked: some("case-eligibility"), text: some("doe"), ..none.clone() }, vec!["B", "F"]),
            (WorkFilter { queue: some("physician"), ..none.clone() }, vec!["B", "D"]),
            (WorkFilter { owner: some("rivera"), ..none.clone() }, vec!["C", "D"]),
            (WorkFilter { owner: some("rivera"), queue: some("physician"), ..none.clone() }, vec!["D"]),
            (WorkFilter { urgency: some("expedited"), ..none.clone() }, vec!["E"]),
            (WorkFilter { late: Some(true), ..none.clone() }, vec!["E"]),
            (WorkFilter { late: Some(false), due_before: Some(at(3)), ..none.clone() }, vec!["A", "B"]),
            (WorkFilter { line_of_business: some("chip"), ..none.clone() }, vec!["F"]),
            (
                WorkFilter { queue: some("nurse"), line_of_business: some("medicare-advantage"), ..none.clone() },
                vec!["A", "C", "E"],
            ),
            (WorkFilter { text: some("doe"), queue: some("physician"), ..none.clone() }, vec!["B", "D"]),
            (WorkFilter { text: some("M-C"), ..none.clone() }, vec!["C"]),
            (WorkFilter { text: some("nobody"), ..none }, vec![]),
        ];
        for (filter, expected) in table {
            assert_eq!(ids(&store.worklist(TENANT, &filter, None, 10).unwrap().rows), expected, "{filter:?}");
            assert_eq!(store.count_work(TENANT, &filter, 10).unwrap(), expected.len(), "{filter:?}");
        }
    });
}

#[test]
fn search_finds_by_name_number_and_id_and_follows_changes() {
    on_both(|store| {
        let named = |case: &str, name: &str, member: &str, second: i64| WorkRow {
            patient_name: name.to_owned(),
            member_id: member.to_owned(),
            received_at: at(second),
            ..work(case, None, 0)
        };
        put_work(store, named("case-01", "García, María José", "H123", 1));
        put_work(store, named("case-02", "Garcia, Maria", "H124", 2));
        put_work(
            store,
            WorkRow { authorization: Some("AUT-77".to_owned()), ..named("case-03", "O'Neil, Ann", "X9", 3) },
        );
        put_work(store, WorkRow { open: false, ..named("case-04", "Garcia, Ana", "H123", 4) });
        let table: &[(&str, &[&str])] = &[
            ("garc", &["case-04", "case-02", "case-01"]),
            ("GARCÍA", &["case-01"]),
            ("garcia maria", &["case-02"]),
            ("Maria Garcia", &["case-02"]),
            ("garcia, a", &["case-04"]),
            ("h123", &["case-04", "case-01"]),
            ("H12", &["case-04", "case-02", "case-01"]),
            ("aut-77", &["case-03"]),
            ("o'neil", &["case-03"]),
            ("case-02", &["case-02"]),
            ("CASE-0", &["case-04", "case-03", "case-02", "case-01"]),
            ("   ", &[]),
            ("%", &[]),
            ("zzz", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(ids(&store.case_search(TENANT, text, 10).unwrap()), *expected, "{text}");
        }
        put_work(store, named("case-02", "Lopez, Maria", "H200", 2));
        assert_eq!(ids(&store.case_search(TENANT, "garcia", 10).unwrap()), ["case-04"]);
        assert_eq!(ids(&store.case_search(TENANT, "h124", 10).unwrap()), [""; 0]);
        assert_eq!(ids(&store.case_search(TENANT, "lopez", 10).unwrap()), ["case-02"]);
        assert_eq!(ids(&store.cases(TENANT, None, 2).unwrap()), ["case-04", "case-03"]);
        assert_eq!(ids(&store.cases(TENANT, Some((at(3), "case-03")), 9).unwrap()), ["case-02", "case-01"]);
    });
}

#[test]
fn keys_find_cases_newest_first() {
    on_both(|store| {
        let key = |case: &str, second| {
            Row::Key(KeyRow {
                kind: "claim".to_owned(),
                value: "u|1".to_owned(),
                case_id: case.to_owned(),
                at: at(second),
            })
        };
        for (case, second) in [("A", 1), ("B", 3), ("C", 2)] {
            put(store, case, vec![key(case, second), key(case, second)]);
        }
        assert_eq!(store.cases_by_key(TENANT, "claim", "u|1", 2).unwrap(), ["B", "C"]);
        assert!(store.cases_by_key(TENANT, "other", "u|1", 2).unwrap().is_empty());
    });
}

#[test]
fn deadlines_come_in_order_and_only_until_done() {
    on_both(|store| {
        let deadline = |clock: &str, what, second, done| DeadlineRow {
            subject: SubjectKey::case("A"),
            clock_id: clock.to_owned(),
            what,
            at: at(second),
            done,
        };
        let rows = [
            deadline("c1", DeadlineKind::Due, 30, false),
            deadline("c1", DeadlineKind::Warn, 20, false),
            deadline("c2", DeadlineKind::Due, 10, false),
        ];
        assert_eq!(store.next_deadline().unwrap(), None);
        put(store, "A", rows.iter().cloned().map(Row::Deadline).collect());
        let clocks = |now| {
            let due = store.due_deadlines(at(now), 10).unwrap();
            due.into_iter().map(|d| (d.deadline.clock_id, d.deadline.what)).collect::<Vec<_>>()
        };
        assert_eq!(store.next_deadline().unwrap(), Some(at(10)));
        assert!(clocks(9).is_empty());
        let due = |clock: &str| (clock.to_owned(), DeadlineKind::Due);
        assert_eq!(clocks(10), [due("c2")]);
        assert_eq!(clocks(30), [due("c2"), ("c1".to_owned(), DeadlineKind::Warn), due("c1")]);
        put(store, "A", vec![Row::Deadline(deadline("c2", DeadlineKind::Due, 10, true))]);
        put(store, "A", vec![Row::Deadline(deadline("c1", DeadlineKind::Due, 40, false))]);
        assert_eq!(clocks(30), [("c1".to_owned(), DeadlineKind::Warn)]);
        assert_eq!(store.next_deadline().unwrap(), Some(at(20)));
        assert_eq!(store.deadlines_of(TENANT, &SubjectKey::case("A")).unwrap().len(), 3);
    });
}

#[test]
fn measures_add_up_and_decided_cases_are_found_by_time() {
    on_both(|store| {
        let measure = |on: &str, n, seconds| {
            Row::Measure(MeasureRow {
                day: day(on),
                line_of_business: "chip".to_owned(),
                urgency: "standard".to_owned(),
                key: "received".to_owned(),
                n,
                seconds,
            })
        };
        put(store, "A", vec![measure("2026-03-01", 1, 60), measure("2026-03-01", 2, 30), measure("2026-03-02", 1, 1)]);
        put(store, "B", vec![measure("2026-03-01", 1, 10)]);
        let found = store.measures(TENANT, day("2026-03-01"), day("2026-03-01")).unwrap();
        assert_eq!(found.iter().map(|m| (m.n, m.seconds)).collect::<Vec<_>>(), [(4, 100)]);
        assert_eq!(store.measures(TENANT, day("2026-03-01"), day("2026-03-02")).unwrap().len(), 2);
        for (case, second) in [("X", 5), ("Y", 6), ("Z", 7)] {
            let row = DecidedRow { case_id: case.to_owned(), decided_at: at(second), ..DecidedRow::default() };
            put(store, case, vec![Row::Decided(Box::new(row))]);
        }
        let found = store.decided(TENANT, at(5), at(7)).unwrap();
        assert_eq!(found.iter().map(|row| row.case_id.as_str()).collect::<Vec<_>>(), ["X", "Y"]);
    });
}

#[test]
fn the_figures_say_what_is_kept() {
    on_both(|store| {
        let mut commit = events("C1", 0, 3);
        let subject = SubjectKey::case("C1");
        let deadline = |clock: &str, second| {
            let (subject, clock_id) = (subject.clone(), clock.to_owned());
            Row::Deadline(DeadlineRow { subject, clock_id, what: DeadlineKind::Due, at: at(second), done: false })
        };
        let measure = |key: &str| {
            Row::Measure(MeasureRow {
                day: day("2026-06-01"),
                line_of_business: "medicare-advantage".to_owned(),
                urgency: "standard".to_owned(),
                key: key.to_owned(),
                n: 2,
                seconds: 0,
            })
        };
        let late = WorkRow { late: true, ..work("C1", Some(5), 0) };
        commit.rows = vec![Row::Work(Box::new(late)), deadline("1", 5), deadline("2", 50), measure("decision_lapsed")];
        commit.errands = vec![NewErrand {
            kind: "send".to_owned(),
            subject: subject.clone(),
            key: "send/1".to_owned(),
            body: Vec::new(),
            not_before: at(3),
        }];
        store.commit_blocking(commit).unwrap();
        let kept = store.kept(at(10)).unwrap();
        assert_eq!((kept.events, kept.open_cases, kept.late_cases), (3, 1, 1));
        assert_eq!((kept.deadlines_due, kept.oldest_deadline), (1, Some(at(5))), "the one of second 50 is to come");
        assert_eq!((kept.errands_waiting, kept.errands_failing, kept.oldest_errand), (1, 0, Some(at(3))));
        assert_eq!((kept.unsealed_events, kept.last_checkpoint), (3, None));
        let counted = ("medicare-advantage".to_owned(), "standard".to_owned(), "decision_lapsed".to_owned(), 2);
        assert_eq!(kept.counted, [counted]);
        store.write_checkpoint_blocking(at(11)).unwrap();
        let kept = store.kept(at(12)).unwrap();
        assert_eq!((kept.unsealed_events, kept.last_checkpoint), (0, Some(at(11))));
    });
}

#[test]
fn the_writer_says_how_it_does() {
    on_sqlite(|store| {
        store.commit_blocking(events("C1", 0, 3)).unwrap();
        assert!(store.commit_blocking(events("C1", 0, 1)).is_err(), "a lost race is an answer, not a failure");
        let pulse = store.pulse();
        assert_eq!((pulse.waiting, pulse.turned_away, pulse.failed), (0, 0, 0), "{pulse:?}");
        assert!(pulse.answered >= 2 && pulse.transactions >= 2 && pulse.room > 0, "{pulse:?}");
        assert!(pulse.stalled.is_zero(), "{pulse:?}");
    });
}
