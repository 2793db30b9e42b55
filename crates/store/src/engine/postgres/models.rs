//! The read models' tables as sheets.

use super::{
    cell::Kind::{Text, Whole},
    sheet::Table,
};

pub(crate) const WORK: Table = Table {
    name: "work",
    columns: &[
        ("tenant", Text),
        ("case_id", Text),
        ("stage", Text),
        ("queue", Text),
        ("open", Whole),
        ("line_of_business", Text),
        ("urgency", Text),
        ("review", Text),
        ("service", Text),
        ("patient_name", Text),
        ("member_id", Text),
        ("birth_day", Text),
        ("sex", Text),
        ("provider_name", Text),
        ("provider_npi", Text),
        ("due_sort", Whole),
        ("due_rule", Text),
        ("late", Whole),
        ("risk_sort", Whole),
        ("why", Text),
        ("next", Text),
        ("owner", Text),
        ("received_at", Whole),
        ("decided_at", Whole),
        ("outcome", Text),
        ("authorization_number", Text),
        ("episode", Text),
        ("scenario", Text),
        ("zone", Text),
    ],
    key: 2,
    as_they_came: false,
    then: "ON CONFLICT (tenant, case_id) DO UPDATE SET stage = excluded.stage, queue = excluded.queue,
      open = excluded.open, line_of_business = excluded.line_of_business, urgency = excluded.urgency,
      review = excluded.review, service = excluded.service, patient_name = excluded.patient_name,
      member_id = excluded.member_id, birth_day = excluded.birth_day, sex = excluded.sex,
      provider_name = excluded.provider_name, provider_npi = excluded.provider_npi, due_sort = excluded.due_sort,
      due_rule = excluded.due_rule, late = excluded.late, risk_sort = excluded.risk_sort, why = excluded.why,
      next = excluded.next, owner = excluded.owner, received_at = excluded.received_at,
      decided_at = excluded.decided_at, outcome = excluded.outcome,
      authorization_number = excluded.authorization_number, episode = excluded.episode, scenario = excluded.scenario,
      zone = excluded.zone",
};

pub(crate) const SEARCH: Table = Table {
    name: "search",
    columns: &[("tenant", Text), ("word", Text), ("newest", Whole), ("case_id", Text)],
    key: 4,
    as_they_came: false,
    then: "ON CONFLICT DO NOTHING",
};

pub(crate) const KEYS: Table = Table {
    name: "keys",
    columns: &[("tenant", Text), ("kind", Text), ("value", Text), ("newest", Whole), ("case_id", Text)],
    key: 5,
    as_they_came: false,
    then: "ON CONFLICT DO NOTHING",
};

pub(crate) const DEADLINES: Table = Table {
    name: "deadlines",
    columns: &[
        ("tenant", Text),
        ("subject_kind", Text),
        ("subject_id", Text),
        ("clock_id", Text),
        ("what", Text),
        ("at", Whole),
        ("done", Whole),
    ],
    key: 5,
    as_they_came: false,
    then: "ON CONFLICT (tenant, subject_kind, subject_id, clock_id, what)
      DO UPDATE SET at = excluded.at, done = excluded.done",
};

pub(crate) const MEASURES: Table = Table {
    name: "measures",
    columns: &[
        ("tenant", Text),
        ("day", Text),
        ("line_of_business", Text),
        ("urgency", Text),
        ("key", Text),
        ("slot", Whole),
        ("n", Whole),
        ("seconds", Whole),
    ],
    key: 6,
    as_they_came: false,
    then: "ON CONFLICT (tenant, day, line_of_business, urgency, key, slot)
      DO UPDATE SET n = old.n + excluded.n, seconds = old.seconds + excluded.seconds",
};

pub(crate) const DECIDED: Table = Table {
    name: "decided",
    columns: &[
        ("tenant", Text),
        ("case_id", Text),
        ("line_of_business", Text),
        ("urgency", Text),
        ("received_at", Whole),
        ("decided_at", Whole),
        ("due_at", Whole),
        ("outcome", Text),
        ("automated", Whole),
        ("service", Text),
    ],
    key: 2,
    as_they_came: false,
    then: "ON CONFLICT (tenant, case_id) DO UPDATE SET line_of_business = excluded.line_of_business,
      urgency = excluded.urgency, received_at = excluded.received_at, decided_at = excluded.decided_at,
      due_at = excluded.due_at, outcome = excluded.outcome, automated = excluded.automated,
      service = excluded.service",
};

pub(crate) const STAYS: Table = Table {
    name: "stays",
    columns: &[
        ("tenant", Text),
        ("kind", Text),
        ("id", Text),
        ("hospital", Text),
        ("state", Whole),
        ("due_sort", Whole),
        ("day", Text),
        ("scenario", Text),
        ("body", Text),
    ],
    key: 3,
    as_they_came: false,
    then: "ON CONFLICT (tenant, kind, id) DO UPDATE SET hospital = excluded.hospital, state = excluded.state,
      due_sort = excluded.due_sort, day = excluded.day, scenario = excluded.scenario, body = excluded.body",
};

/// The keys of stays' rows that go.
pub(crate) const GONE_STAYS: Table = Table {
    name: "stays",
    columns: &[("tenant", Text), ("kind", Text), ("id", Text)],
    key: 3,
    as_they_came: false,
    then: "",
};
