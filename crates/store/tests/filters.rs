//! What the worklist's filters and the scenario list answer.
#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "common/mod.rs"]
mod common;

use vigil_store::{Commit, Row, SubjectKey, WorkFilter, WorkRow};

fn ids(page: vigil_store::WorkPage) -> Vec<String> {
    page.rows.into_iter().map(|row| row.case_id).collect()
}

#[test]
fn unassigned_waiting_and_zone() {
    common::on_both(|store| {
        let rows = [
            ("a", Some("nora"), "nurse", None),
            ("b", None, "information", Some("2 plan nurse")),
            ("c", None, "nurse", Some("1 intake")),
            ("d", Some("nora"), "information", Some("1 intake")),
        ];
        for (place, (case, owner, queue, scenario)) in rows.into_iter().enumerate() {
            let row = WorkRow {
                owner: owner.map(str::to_owned),
                queue: queue.to_owned(),
                scenario: scenario.map(str::to_owned),
                zone: "America/New_York".to_owned(),
                ..common::work(case, Some(place as i64), 0)
            };
            let commit = Commit {
                rows: vec![Row::Work(Box::new(row))],
                events: vec![common::event("kind", "{}")],
                ..Commit::on("main", SubjectKey::case(case), 0)
            };
            store.commit_blocking(commit).unwrap();
        }
        let list = |filter: WorkFilter| {
            let counted = store.count_work("main", &filter, 10).unwrap();
            let found = ids(store.worklist("main", &filter, None, 10).unwrap());
            assert_eq!(counted, found.len(), "{filter:?}");
            found
        };
        assert_eq!(list(WorkFilter { unassigned: true, ..WorkFilter::default() }), ["b", "c"]);
        assert_eq!(list(WorkFilter { waiting_for_others: Some(true), ..WorkFilter::default() }), ["b", "d"]);
        assert_eq!(list(WorkFilter { waiting_for_others: Some(false), ..WorkFilter::default() }), ["a", "c"]);
        let both = WorkFilter { unassigned: true, waiting_for_others: Some(true), ..WorkFilter::default() };
        assert_eq!(list(both), ["b"]);
        assert_eq!(store.scenarios("main").unwrap(), ["1 intake", "2 plan nurse"]);
        assert_eq!(store.work("main", "a").unwrap().unwrap().zone, "America/New_York");
    });
}
