//! The worklist, the case list and search: pages of work rows, read by keyset and never by offset.

use std::collections::HashSet;

use vigil_domain::time::Moment;

use super::{
    sql::{self, Connection, OptionalExtension, Params, Row, Value, params},
    value::{NEVER, day, micros, moment},
    words,
};
use crate::{StoreFault, fault::Doing, rows::WorkRow};

/// What to show of the worklist; an absent field does not narrow it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkFilter {
    /// One pile.
    pub queue: Option<String>,
    /// One person's work.
    pub owner: Option<String>,
    /// Only what nobody has taken.
    pub unassigned: bool,
    /// Only what waits for others (its information is awaited), or only what waits for us.
    pub waiting_for_others: Option<bool>,
    /// One line of business.
    pub line_of_business: Option<String>,
    /// One urgency.
    pub urgency: Option<String>,
    /// Due before this moment.
    pub due_before: Option<Moment>,
    /// Only late ones, or only those that are not.
    pub late: Option<bool>,
    /// Only what carries a mark of this kind, whatever pile it lies on.
    pub marked: Option<String>,
    /// Words of a name, a member number, an authorization number or a case id.
    pub text: Option<String>,
}

/// The place of a row in the worklist's order; the next page begins after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkCursor {
    due: i64,
    risk: i64,
    case_id: String,
}

impl WorkCursor {
    /// The place of a row.
    pub fn of(row: &WorkRow) -> Self {
        Self { due: row.due_at.map_or(NEVER, micros), risk: -row.risk, case_id: row.case_id.clone() }
    }

    fn order(&self) -> (i64, i64, &str) {
        (self.due, self.risk, &self.case_id)
    }

    /// The cursor as a link carries it.
    pub fn to_text(&self) -> String {
        format!("{}.{}.{}", self.due, self.risk, self.case_id)
    }

    /// Reads a link's cursor; none when it is not one.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '.');
        let (due, risk) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(Self { due, risk, case_id: parts.next()?.to_owned() })
    }
}

/// A page of the worklist.
#[derive(Debug, Clone, PartialEq)]
pub struct WorkPage {
    /// The rows, by due time, then risk, then case id.
    pub rows: Vec<WorkRow>,
    /// Where the next page begins; none on the last page.
    pub next: Option<WorkCursor>,
    /// Before which row the page before ends; none on the first page.
    pub previous: Option<WorkCursor>,
}

const COLUMNS: &str =
    "case_id, stage, queue, open, line_of_business, urgency, review, service, patient_name, member_id,
  birth_day, sex, provider_name, provider_npi, due_sort, due_rule, late, risk_sort, why, next, owner, received_at,
  decided_at, outcome, authorization_number, episode, scenario, zone";

fn work_row(row: &Row<'_>) -> sql::Result<WorkRow> {
    let due: i64 = row.get(14)?;
    Ok(WorkRow {
        case_id: row.get(0)?,
        stage: row.get(1)?,
        queue: row.get(2)?,
        open: row.get(3)?,
        line_of_business: row.get(4)?,
        urgency: row.get(5)?,
        review: row.get(6)?,
        service: row.get(7)?,
        patient_name: row.get(8)?,
        member_id: row.get(9)?,
        birth_day: row.get::<_, Option<String>>(10)?.map(|text| day(10, &text)).transpose()?,
        sex: row.get(11)?,
        provider_name: row.get(12)?,
        provider_npi: row.get(13)?,
        due_at: if due == NEVER { None } else { Some(moment(14, due)?) },
        due_rule: row.get(15)?,
        late: row.get(16)?,
        risk: -row.get::<_, i64>(17)?,
        why: row.get(18)?,
        next: row.get(19)?,
        owner: row.get(20)?,
        received_at: moment(21, row.get(21)?)?,
        decided_at: row.get::<_, Option<i64>>(22)?.map(|at| moment(22, at)).transpose()?,
        outcome: row.get(23)?,
        authorization: row.get(24)?,
        episode: row.get(25)?,
        scenario: row.get(26)?,
        zone: row.get(27)?,
    })
}

/// The pile of cases that wait for information from others.
const AWAITING: &str = "information";

/// The narrowing of a filter as SQL terms with their values, in order.
fn terms<'a>(tenant: &'a str, filter: &'a WorkFilter) -> (String, Vec<Value<'a>>) {
    let mut sql = "tenant = ? AND open = 1".to_owned();
    let mut values = vec![Value::Text(tenant)];
    let mut narrow = |term: &str, value: Value<'a>| {
        sql.push_str(term);
        values.push(value);
    };
    if let Some(owner) = &filter.owner {
        narrow(" AND owner = ?", Value::Text(owner));
    }
    if let Some(queue) = &filter.queue {
        // With an owner, the owner's own index serves: the plus keeps the planner from the other one.
        let term = if filter.owner.is_some() { " AND +queue = ?" } else { " AND queue = ?" };
        narrow(term, Value::Text(queue));
    }
    if let Some(line) = &filter.line_of_business {
        narrow(" AND line_of_business = ?", Value::Text(line));
    }
    if let Some(urgency) = &filter.urgency {
        narrow(" AND urgency = ?", Value::Text(urgency));
    }
    if let Some(before) = filter.due_before {
        narrow(" AND due_sort < ?", Value::Int(micros(before)));
    }
    if let Some(others) = filter.waiting_for_others {
        // The queue's own index serves only where no narrower one does.
        let alone = filter.owner.is_none() && filter.queue.is_none();
        let term = match (others, alone) {
            (true, true) => " AND queue = ?",
            (true, false) => " AND +queue = ?",
            (false, _) => " AND queue <> ?",
        };
        narrow(term, Value::Text(AWAITING));
    }
    if let Some(kind) = &filter.marked {
        sql.push_str(" AND case_id IN (SELECT id FROM stays WHERE tenant = ? AND kind = ? AND state > 0)");
        values.extend([Value::Text(tenant), Value::Text(kind)]);
    }
    // Written out, because a partial index serves only a term that is in the text.
    match filter.late {
        Some(true) => sql.push_str(" AND late = 1"),
        Some(false) => sql.push_str(" AND late = 0"),
        None => {}
    }
    if filter.unassigned {
        sql.push_str(" AND owner IS NULL");
    }
    (sql, values)
}

/// A page of open work.
pub(crate) fn worklist(
    conn: &Connection<'_>,
    tenant: &str,
    filter: &WorkFilter,
    after: Option<&WorkCursor>,
    limit: usize,
) -> Result<WorkPage, StoreFault> {
    if let Some(text) = &filter.text {
        return searched(conn, tenant, filter, text, after, limit);
    }
    let (mut sql, mut values) = terms(tenant, filter);
    if let Some(after) = after {
        sql.push_str(" AND (due_sort, risk_sort, case_id) > (?, ?, ?)");
        values.extend([Value::Int(after.due), Value::Int(after.risk), Value::Text(&after.case_id)]);
    }
    let sql = format!("SELECT {COLUMNS} FROM work WHERE {sql} ORDER BY due_sort, risk_sort, case_id LIMIT ?");
    values.push(Value::Int(limit as i64 + 1));
    let rows = query(conn, &sql, &values)?;
    Ok(page(rows, limit, after.is_some()))
}

/// The page of open work that ends before a row.
pub(crate) fn worklist_before(
    conn: &Connection<'_>,
    tenant: &str,
    filter: &WorkFilter,
    before: &WorkCursor,
    limit: usize,
) -> Result<WorkPage, StoreFault> {
    if let Some(text) = &filter.text {
        let mut rows = found(conn, tenant, filter, text)?;
        rows.retain(|row| WorkCursor::of(row).order() < before.order());
        rows.reverse();
        return Ok(page_back(rows, limit));
    }
    let (mut sql, mut values) = terms(tenant, filter);
    sql.push_str(" AND (due_sort, risk_sort, case_id) < (?, ?, ?)");
    values.extend([Value::Int(before.due), Value::Int(before.risk), Value::Text(&before.case_id)]);
    let sql =
        format!("SELECT {COLUMNS} FROM work WHERE {sql} ORDER BY due_sort DESC, risk_sort DESC, case_id DESC LIMIT ?");
    values.push(Value::Int(limit as i64 + 1));
    Ok(page_back(query(conn, &sql, &values)?, limit))
}

fn page(mut rows: Vec<WorkRow>, limit: usize, later: bool) -> WorkPage {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(WorkCursor::of) } else { None };
    let previous = if later { rows.first().map(WorkCursor::of) } else { None };
    WorkPage { rows, next, previous }
}

/// A page of rows that were read from its end.
fn page_back(mut rows: Vec<WorkRow>, limit: usize) -> WorkPage {
    let more = rows.len() > limit;
    rows.truncate(limit);
    rows.reverse();
    let previous = if more { rows.first().map(WorkCursor::of) } else { None };
    WorkPage { next: rows.last().map(WorkCursor::of), rows, previous }
}

fn query(conn: &Connection<'_>, sql: &str, values: &[Value<'_>]) -> Result<Vec<WorkRow>, StoreFault> {
    let mut select = conn.prepare_cached(sql).doing("read the worklist")?;
    select.query_map(values, work_row).and_then(Iterator::collect).doing("read the worklist")
}

/// How many open rows a filter has, counted no further than `cap`.
pub(crate) fn count(conn: &Connection<'_>, tenant: &str, filter: &WorkFilter, cap: usize) -> Result<usize, StoreFault> {
    if filter.text.is_some() {
        return worklist(conn, tenant, filter, None, cap).map(|page| page.rows.len());
    }
    let (sql, mut values) = terms(tenant, filter);
    let sql = format!("SELECT COUNT(*) FROM (SELECT 1 FROM work WHERE {sql} LIMIT ?) AS found");
    values.push(Value::Int(cap as i64));
    let mut select = conn.prepare_cached(&sql).doing("count the worklist")?;
    select.query_row(&values[..], |row| row.get::<_, i64>(0)).map(|n| n as usize).doing("count the worklist")
}

fn searched(
    conn: &Connection<'_>,
    tenant: &str,
    filter: &WorkFilter,
    text: &str,
    after: Option<&WorkCursor>,
    limit: usize,
) -> Result<WorkPage, StoreFault> {
    let mut rows = found(conn, tenant, filter, text)?;
    rows.retain(|row| after.is_none_or(|after| WorkCursor::of(row).order() > after.order()));
    Ok(page(rows, limit, after.is_some()))
}

/// Every open row of a search that the rest of the filter lets through, in the worklist's order.
fn found(conn: &Connection<'_>, tenant: &str, filter: &WorkFilter, text: &str) -> Result<Vec<WorkRow>, StoreFault> {
    let mut rows = search(conn, tenant, text, SEARCHED)?;
    rows.retain(|row| {
        row.open
            && filter.queue.as_ref().is_none_or(|queue| *queue == row.queue)
            && filter.owner.as_ref().is_none_or(|owner| Some(owner) == row.owner.as_ref())
            && filter.line_of_business.as_ref().is_none_or(|line| *line == row.line_of_business)
            && filter.urgency.as_ref().is_none_or(|urgency| *urgency == row.urgency)
            && filter.due_before.is_none_or(|before| row.due_at.is_some_and(|due| due < before))
            && filter.late.is_none_or(|late| late == row.late)
            && filter.waiting_for_others.is_none_or(|others| others == (row.queue == AWAITING))
            && !(filter.unassigned && row.owner.is_some())
    });
    if let Some(kind) = &filter.marked {
        let sql = "SELECT id FROM stays WHERE tenant = ?1 AND kind = ?2 AND id = ?3 AND state > 0";
        let mut marked = Vec::with_capacity(rows.len());
        for row in rows {
            let mut select = conn.prepare_cached(sql).doing("look for a mark")?;
            let mark = select.query_row(params![tenant, kind, row.case_id], |row| row.get::<_, String>(0));
            if mark.optional().doing("look for a mark")?.is_some() {
                marked.push(row);
            }
        }
        rows = marked;
    }
    rows.sort_by_cached_key(|row| (row.due_at.map_or(NEVER, micros), -row.risk, row.case_id.clone()));
    Ok(rows)
}

/// One case's row.
pub(crate) fn by_case(conn: &Connection<'_>, tenant: &str, case_id: &str) -> Result<Option<WorkRow>, StoreFault> {
    let sql = format!("SELECT {COLUMNS} FROM work WHERE tenant = ?1 AND case_id = ?2");
    let mut select = conn.prepare_cached(&sql).doing("read a case's row")?;
    select.query_row([tenant, case_id], work_row).optional().doing("read a case's row")
}

/// All cases, newest first, before a cursor.
pub(crate) fn cases(
    conn: &Connection<'_>,
    tenant: &str,
    before: Option<(Moment, &str)>,
    limit: usize,
) -> Result<Vec<WorkRow>, StoreFault> {
    let (at, case_id) = before.map_or((i64::MAX, ""), |(at, case_id)| (micros(at), case_id));
    let sql = format!(
        "SELECT {COLUMNS} FROM work WHERE tenant = ?1 AND (received_at, case_id) < (?2, ?3)
         ORDER BY received_at DESC, case_id DESC LIMIT ?4"
    );
    let mut select = conn.prepare_cached(&sql).doing("list cases")?;
    let rows = select.query_map(params![tenant, at, case_id, limit as i64], work_row);
    rows.and_then(Iterator::collect).doing("list cases")
}

/// Cases joined by an episode, or made for a scenario; oldest first.
pub(crate) fn joined(
    conn: &Connection<'_>,
    tenant: &str,
    column: &'static str,
    value: &str,
    limit: usize,
) -> Result<Vec<WorkRow>, StoreFault> {
    let sql = format!(
        "SELECT {COLUMNS} FROM work WHERE tenant = ?1 AND {column} = ?2 AND {column} IS NOT NULL
         ORDER BY received_at, case_id LIMIT ?3"
    );
    let mut select = conn.prepare_cached(&sql).doing("list joined cases")?;
    let rows = select.query_map(params![tenant, value, limit as i64], work_row);
    rows.and_then(Iterator::collect).doing("list joined cases")
}

/// The demonstration scenarios of which there are cases, in order.
pub(crate) fn scenarios(conn: &Connection<'_>, tenant: &str) -> Result<Vec<String>, StoreFault> {
    let sql =
        "SELECT DISTINCT scenario FROM work WHERE tenant = ?1 AND scenario IS NOT NULL ORDER BY scenario LIMIT 100";
    let mut select = conn.prepare_cached(sql).doing("list scenarios")?;
    select.query_map([tenant], |row| row.get(0)).and_then(Iterator::collect).doing("list scenarios")
}

/// Hits looked at for one search; a commoner word needs another word beside it.
const SEARCHED: usize = 1_000;
/// What sorts after every continuation of a word.
const LAST: &str = "\u{10FFFF}";

/// Cases by the beginning of a name's words, a member number, an authorization number or a case id, newest first.
pub(crate) fn search(
    conn: &Connection<'_>,
    tenant: &str,
    text: &str,
    limit: usize,
) -> Result<Vec<WorkRow>, StoreFault> {
    let text = words::plain(text);
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let words = words::name_words(&text);
    let mut hits: Vec<Hit> = with_id(conn, tenant, &text)?;
    hits.extend(with_word(conn, tenant, &text)?);
    let whole: HashSet<String> = hits.iter().map(|(_, case_id)| case_id.clone()).collect();
    if words.len() > 1
        && let Some(longest) = words.iter().max_by_key(|word| word.chars().count())
    {
        hits.extend(with_word(conn, tenant, longest)?);
    }
    hits.sort_unstable();
    hits.dedup();
    let mut found = Vec::new();
    for (_, case_id) in hits {
        let Some(row) = by_case(conn, tenant, &case_id)? else { continue };
        let name = words::name_words(&row.patient_name);
        let named = |word: &String| name.iter().any(|part| part.starts_with(word.as_str()));
        if whole.contains(&case_id) || words.iter().all(named) {
            found.push(row);
        }
        if found.len() >= limit {
            break;
        }
    }
    Ok(found)
}

/// A case found, led by what sorts the newest first.
type Hit = (i64, String);

fn hits(conn: &Connection<'_>, sql: &str, values: impl Params) -> Result<Vec<Hit>, StoreFault> {
    let mut select = conn.prepare_cached(sql).doing("search")?;
    let rows = select.query_map(values, |row| Ok((row.get(0)?, row.get(1)?)));
    rows.and_then(Iterator::collect).doing("search")
}

/// Cases whose id begins with the text in lower or in upper case.
fn with_id(conn: &Connection<'_>, tenant: &str, text: &str) -> Result<Vec<Hit>, StoreFault> {
    let sql = "SELECT -received_at, case_id FROM work WHERE tenant = ?1 AND case_id >= ?2 AND case_id < ?3
      ORDER BY case_id LIMIT 50";
    let mut found = Vec::new();
    for form in [text.to_owned(), text.to_uppercase()] {
        found.extend(hits(conn, sql, params![tenant, form, format!("{form}{LAST}")])?);
    }
    Ok(found)
}

/// Cases with a word: the word itself newest first, then words that begin with it.
fn with_word(conn: &Connection<'_>, tenant: &str, word: &str) -> Result<Vec<Hit>, StoreFault> {
    let sql = "SELECT newest, case_id FROM search WHERE tenant = ?1 AND word = ?2 ORDER BY newest, case_id LIMIT ?3";
    let mut found = hits(conn, sql, params![tenant, word, SEARCHED as i64])?;
    if found.len() < SEARCHED {
        let sql = "SELECT newest, case_id FROM search WHERE tenant = ?1 AND word > ?2 AND word < ?3 LIMIT ?4";
        let rest = (SEARCHED - found.len()) as i64;
        found.extend(hits(conn, sql, params![tenant, word, format!("{word}{LAST}"), rest])?);
    }
    Ok(found)
}
