//! Read model rows as sheets: one statement a table for a whole batch, into the live tables or a rebuild's shadow.

use std::collections::{HashMap, HashSet};

use super::{
    cell::{Cell, Kind::Text, Param},
    client::{Client, Step},
    models::{DEADLINES, DECIDED, GONE_STAYS, KEYS, MEASURES, SEARCH, STAYS, WORK},
    sheet::Sheet,
};
use crate::{
    engine::{
        seam::Word,
        sql::Result,
        value::{NEVER, micros},
        words::{deadline_word, search_words},
    },
    rows::{Row, WorkRow},
};

/// The statements that write rows under one table suffix.
pub(crate) struct RowSql {
    work: String,
    old_words: String,
    drop_words: String,
    words: String,
    keys: String,
    deadlines: String,
    measures: String,
    decided: String,
    stays: String,
    drop_stays: String,
    /// This node's place among the counters, so that nodes do not wait for each other to count.
    slot: i64,
}

impl RowSql {
    pub(crate) fn new(suffix: &str, slot: i64) -> Self {
        let old_words = format!(
            "SELECT w.tenant, w.case_id, w.patient_name, w.member_id, w.authorization_number, w.received_at
             FROM unnest(?1::text[], ?2::text[]) AS s (tenant, case_id)
             JOIN work{suffix} AS w ON w.tenant = s.tenant AND w.case_id = s.case_id"
        );
        let drop_words = format!(
            "DELETE FROM search{suffix} AS old USING {} WHERE old.tenant = sheet.tenant AND old.word = sheet.word
             AND old.newest = sheet.newest AND old.case_id = sheet.case_id",
            SEARCH.unnest()
        );
        let drop_stays = format!(
            "DELETE FROM stays{suffix} AS old USING {} WHERE old.tenant = sheet.tenant AND old.kind = sheet.kind
             AND old.id = sheet.id",
            GONE_STAYS.unnest()
        );
        Self {
            work: WORK.insert(suffix),
            old_words,
            drop_words,
            words: SEARCH.insert(suffix),
            keys: KEYS.insert(suffix),
            deadlines: DEADLINES.insert(suffix),
            measures: MEASURES.insert(suffix),
            decided: DECIDED.insert(suffix),
            stays: STAYS.insert(suffix),
            drop_stays,
            slot,
        }
    }
}

/// The search words of a case as its row now says, with what orders them.
struct Words {
    newest: i64,
    words: Vec<String>,
}

impl Words {
    fn of(row: &WorkRow) -> Self {
        let words = search_words(&row.patient_name, &row.member_id, row.authorization.as_deref());
        Self { newest: -micros(row.received_at), words }
    }
}

/// The rows of a batch.
pub(crate) struct Rows<'a> {
    sql: &'a RowSql,
    work: Sheet<'a>,
    new_words: HashMap<(String, String), Words>,
    /// Cases that begin in this batch: nothing of them is there to compare with.
    begun: HashSet<(String, String)>,
    gone: Sheet<'a>,
    words: Sheet<'a>,
    keys: Sheet<'a>,
    deadlines: Sheet<'a>,
    measures: Sheet<'a>,
    decided: Sheet<'a>,
    stays: Sheet<'a>,
    gone_stays: Sheet<'a>,
}

impl<'a> Rows<'a> {
    pub(crate) fn new(sql: &'a RowSql) -> Self {
        Self {
            sql,
            work: Sheet::new(&WORK),
            new_words: HashMap::new(),
            begun: HashSet::new(),
            gone: Sheet::new(&SEARCH),
            words: Sheet::new(&SEARCH),
            keys: Sheet::new(&KEYS),
            deadlines: Sheet::new(&DEADLINES),
            measures: Sheet::new(&MEASURES),
            decided: Sheet::new(&DECIDED),
            stays: Sheet::new(&STAYS),
            gone_stays: Sheet::new(&GONE_STAYS),
        }
    }

    /// Says that a case begins in this batch.
    pub(crate) fn begins(&mut self, tenant: &str, case_id: &str) {
        self.begun.insert((tenant.to_owned(), case_id.to_owned()));
    }

    /// Adds a row.
    pub(crate) fn add(&mut self, tenant: &'a str, row: &'a Row) {
        match row {
            Row::Work(row) => {
                self.new_words.insert((tenant.to_owned(), row.case_id.clone()), Words::of(row));
                self.work.put(work_cells(tenant, row));
            }
            Row::Key(row) => self.keys.put_first(vec![
                tenant.into(),
                (&row.kind).into(),
                (&row.value).into(),
                (-micros(row.at)).into(),
                (&row.case_id).into(),
            ]),
            Row::Deadline(row) => self.deadlines.put(vec![
                tenant.into(),
                (&row.subject.kind).into(),
                (&row.subject.id).into(),
                (&row.clock_id).into(),
                deadline_word(row.what).into(),
                micros(row.at).into(),
                row.done.into(),
            ]),
            Row::Measure(row) => self.measures.add(vec![
                tenant.into(),
                row.day.to_string().into(),
                (&row.line_of_business).into(),
                (&row.urgency).into(),
                (&row.key).into(),
                self.sql.slot.into(),
                row.n.into(),
                row.seconds.into(),
            ]),
            Row::Stay(row) => {
                let key: Vec<Cell<'a>> = vec![tenant.into(), row.kind.into(), (&row.id).into()];
                // The last word on a key wins: a row without a body goes.
                if row.body.is_empty() {
                    self.stays.remove(&key);
                    return self.gone_stays.put(key);
                }
                self.gone_stays.remove(&key);
                self.stays.put(vec![
                    tenant.into(),
                    row.kind.into(),
                    (&row.id).into(),
                    (&row.hospital).into(),
                    row.state.into(),
                    row.due_at.map_or(NEVER, micros).into(),
                    row.day.map(|day| day.to_string()).into(),
                    row.scenario.as_ref().into(),
                    (&row.body).into(),
                ]);
            }
            Row::Decided(row) => self.decided.put(vec![
                tenant.into(),
                (&row.case_id).into(),
                (&row.line_of_business).into(),
                (&row.urgency).into(),
                micros(row.received_at).into(),
                micros(row.decided_at).into(),
                row.due_at.map(micros).into(),
                (&row.outcome).into(),
                row.automated.into(),
                (&row.service).into(),
            ]),
        }
    }

    /// Adds a row of a subject of which the tables hold nothing; its words come by themselves.
    pub(crate) fn add_fresh(&mut self, tenant: &'a str, row: &'a Row) {
        match row {
            Row::Work(row) => self.work.put(work_cells(tenant, row)),
            other => self.add(tenant, other),
        }
    }

    /// Adds a word by which a case is found.
    pub(crate) fn add_word(&mut self, word: &'a Word) {
        let Word { tenant, word, newest, case_id } = word;
        self.words.put(vec![tenant.into(), word.into(), (*newest).into(), case_id.into()]);
    }

    /// Reads what the rows replace, so far as it matters: the words by which their cases were found.
    pub(crate) fn compare(&mut self, client: &Client) -> Result<()> {
        for (key, before) in self.old_words(client)? {
            let Some(now) = self.new_words.get_mut(&key) else { continue };
            let same_time = before.newest == now.newest;
            for word in before.words.iter().filter(|word| !same_time || !now.words.contains(word)) {
                let (tenant, case) = (key.0.clone(), key.1.clone());
                self.gone.put(vec![tenant.into(), word.clone().into(), before.newest.into(), case.into()]);
            }
            now.words.retain(|word| !same_time || !before.words.contains(word));
        }
        for ((tenant, case), now) in self.new_words.drain() {
            for word in now.words {
                let (tenant, case) = (tenant.clone(), case.clone());
                self.words.put(vec![tenant.into(), word.into(), now.newest.into(), case.into()]);
            }
        }
        Ok(())
    }

    /// The words of those cases of the batch that were there before it.
    fn old_words(&self, client: &Client) -> Result<Vec<((String, String), Words)>> {
        let older: Vec<_> = self.new_words.keys().filter(|key| !self.begun.contains(*key)).collect();
        let mut old = Vec::new();
        if older.is_empty() {
            return Ok(old);
        }
        let column = |text: fn(&(String, String)) -> &String| {
            Param::Many(Text, older.iter().map(|key| Cell::from(text(key))).collect())
        };
        let step = Step { sql: &self.sql.old_words, params: vec![column(|key| &key.0), column(|key| &key.1)] };
        client.run(&[step], &mut |_, row| {
            let authorization: Option<String> = row.get(4)?;
            let words = search_words(&row.get::<_, String>(2)?, &row.get::<_, String>(3)?, authorization.as_deref());
            old.push(((row.get(0)?, row.get(1)?), Words { newest: -row.get::<_, i64>(5)?, words }));
            Ok(true)
        })?;
        Ok(old)
    }

    /// The statements that write them, always in the same order of tables.
    pub(crate) fn steps(&self) -> Vec<Step<'a>> {
        let sql = self.sql;
        let sheets = [
            (&self.work, &sql.work),
            (&self.gone, &sql.drop_words),
            (&self.words, &sql.words),
            (&self.keys, &sql.keys),
            (&self.deadlines, &sql.deadlines),
            (&self.measures, &sql.measures),
            (&self.decided, &sql.decided),
            (&self.gone_stays, &sql.drop_stays),
            (&self.stays, &sql.stays),
        ];
        sheets.into_iter().filter_map(|(sheet, text)| sheet.step(text)).collect()
    }
}

fn work_cells<'a>(tenant: &'a str, row: &'a WorkRow) -> Vec<Cell<'a>> {
    vec![
        tenant.into(),
        (&row.case_id).into(),
        (&row.stage).into(),
        (&row.queue).into(),
        row.open.into(),
        (&row.line_of_business).into(),
        (&row.urgency).into(),
        (&row.review).into(),
        (&row.service).into(),
        (&row.patient_name).into(),
        (&row.member_id).into(),
        row.birth_day.map(|day| day.to_string()).into(),
        (&row.sex).into(),
        (&row.provider_name).into(),
        (&row.provider_npi).into(),
        row.due_at.map_or(NEVER, micros).into(),
        row.due_rule.as_ref().into(),
        row.late.into(),
        (-row.risk).into(),
        (&row.why).into(),
        (&row.next).into(),
        row.owner.as_ref().into(),
        micros(row.received_at).into(),
        row.decided_at.map(micros).into(),
        row.outcome.as_ref().into(),
        row.authorization.as_ref().into(),
        row.episode.as_ref().into(),
        row.scenario.as_ref().into(),
        (&row.zone).into(),
    ]
}
