//! The second half of a batch: everything that stands is written in one transaction, a whole table's rows a statement.

use std::{cell::RefCell, collections::HashSet};

use super::{
    cell::{Cell, Kind, Param},
    client::{Client, Step},
    decide::{Known, Standing, draw},
    job::{Job, Promise, Verdict},
    rows::{RowSql, Rows},
    sheet::Sheet,
    tables::{self, Texts},
};
use crate::{
    StoreFault,
    body::Bodies,
    commit::{Commit, Committed, Pin},
    directory::{Write, WriteItem},
    engine::{
        prepared::{PackedDocument, PackedMessage, Prepared},
        sql::{EngineError, Result, Row, Sql, Value},
        value::micros,
        write::record,
    },
    errand::NewErrand,
    fault::Doing,
    trail::TrailEntry,
};

/// Statements sent together at most: their short answers must fit the line while nobody reads them.
const TOGETHER: usize = 400;

/// What a node's writer keeps between batches.
pub(crate) struct Batcher {
    pub(crate) node: String,
    texts: Texts,
    rows: RowSql,
    /// Pins that are known to be kept.
    pins: HashSet<String>,
}

/// Statements that are collected instead of run.
#[derive(Default)]
struct Piped(RefCell<Vec<(String, Vec<Param<'static>>)>>);

impl Sql for Piped {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        let params = values.iter().map(|value| Param::One(Cell::from(*value).owned())).collect();
        self.0.borrow_mut().push((sql.to_owned(), params));
        Ok(0)
    }

    fn tell(&self, _: &str, _: &[Value<'_>], _: &mut dyn FnMut(&Row<'_>) -> Result<bool>) -> Result<()> {
        Err(EngineError::NoRow)
    }

    fn floor(&self) -> &'static str {
        super::client::FLOOR
    }
}

/// Everything a batch writes.
struct Sheets<'a> {
    events: Sheet<'a>,
    new_heads: Sheet<'a>,
    moved_heads: Sheet<'a>,
    messages: Sheet<'a>,
    documents: Sheet<'a>,
    pins: Sheet<'a>,
    errands: Sheet<'a>,
    trail: Sheet<'a>,
    trail_subjects: Sheet<'a>,
    rows: Rows<'a>,
    done: Vec<Cell<'a>>,
    done_anyhow: Vec<Cell<'a>>,
    entries: Vec<(&'a str, &'a TrailEntry)>,
    fresh_pins: Vec<String>,
}

impl Batcher {
    /// What a node starts with; `slot` is its place among the counters.
    pub(crate) fn new(node: String, slot: i64) -> Self {
        Self { node, texts: Texts::new(), rows: RowSql::new("", slot), pins: HashSet::new() }
    }

    /// Tries to write the jobs in one transaction; none when another node came between, and nothing is kept then.
    pub(crate) fn attempt(
        &mut self,
        client: &Client,
        jobs: &mut [Job],
    ) -> std::result::Result<Option<Vec<Verdict>>, StoreFault> {
        let known = Known::look(client, jobs).doing("begin a transaction")?;
        let (standing, mut verdicts) = known.judge(client, jobs)?;
        let piped = self.fit(jobs, &mut verdicts);
        let drawn = standing.iter().map(|one| one.hashes.len()).sum();
        let positions = draw(client, tables::DRAW_POSITIONS, drawn)?;
        let (kept, fresh_pins) = {
            let mut sheets = self.fill(&known, jobs, &standing, &positions, &verdicts)?;
            sheets.number(draw(client, tables::DRAW_NUMBERS, sheets.entries.len())?);
            sheets.rows.compare(client).doing("read old rows")?;
            let floor = positions.last().copied().unwrap_or(0);
            (self.write(client, &sheets, &piped, floor)?, sheets.fresh_pins)
        };
        if !kept {
            client.roll_back();
            return Ok(None);
        }
        let mut last = 0;
        for Standing { job, nth, hashes } in &standing {
            last += hashes.len();
            let Job::Commit { prepared, promises, .. } = &mut jobs[*job] else { continue };
            let version = prepared[*nth].commit.expected + hashes.len() as u64;
            promises[*nth] = hashes.last().map(|hash| Promise { version, hash: *hash });
            let position = if hashes.is_empty() { 0 } else { positions[last - 1] as u64 };
            let verdict = verdicts[*job].get_or_insert_with(|| Verdict::Kept(Vec::new()));
            if let Verdict::Kept(all) = verdict {
                all.push(Committed { version, position });
            }
        }
        client.all(&[Step::bare("COMMIT")]).doing("keep a transaction")?;
        self.pins.extend(fresh_pins);
        Ok(Some(verdicts.into_iter().map(|verdict| verdict.unwrap_or(Verdict::Written)).collect()))
    }

    /// The statements of writes that belong to no subject; one that cannot be written is told so and left out.
    fn fit(&self, jobs: &[Job], verdicts: &mut [Option<Verdict>]) -> Vec<(String, Vec<Param<'static>>)> {
        let mut all = Vec::new();
        for (job, verdict) in jobs.iter().zip(verdicts) {
            let Job::Write { items: Write { tenant, items }, .. } = job else { continue };
            let piped = Piped::default();
            let mut plain = items.iter().filter(|item| !is_kept_with_commits(item));
            match plain.try_for_each(|item| record(&piped, tenant, item)) {
                Ok(()) => all.append(&mut piped.0.into_inner()),
                Err(fault) => *verdict = Some(Verdict::Unfit(fault)),
            }
        }
        all
    }

    fn fill<'a>(
        &'a self,
        known: &Known,
        jobs: &'a [Job],
        standing: &[Standing],
        positions: &[i64],
        verdicts: &[Option<Verdict>],
    ) -> std::result::Result<Sheets<'a>, StoreFault> {
        let mut sheets = Sheets::new(&self.rows);
        let mut rest = positions;
        for Standing { job, nth, hashes } in standing {
            let Job::Commit { prepared, .. } = &jobs[*job] else { continue };
            let prepared = &prepared[*nth];
            let (positions, others) = rest.split_at(hashes.len());
            rest = others;
            sheets.commit(prepared, known, hashes, positions);
            for pin in &prepared.commit.pins {
                sheets.pin(&self.pins, &prepared.commit.tenant, pin)?;
            }
        }
        for (job, verdict) in jobs.iter().zip(verdicts) {
            let Job::Write { items: Write { tenant, items }, .. } = job else { continue };
            if verdict.is_some() {
                continue;
            }
            for item in items {
                match item {
                    WriteItem::Trail(entry) => sheets.entries.push((tenant, entry)),
                    WriteItem::Document(item) => {
                        let packed = PackedDocument::new(item.clone(), &Bodies::in_rows())?;
                        sheets.document(tenant, packed);
                    }
                    WriteItem::Pin(pin) => sheets.pin(&self.pins, tenant, pin)?,
                    WriteItem::Errand(errand) => sheets.errand(tenant, errand),
                    WriteItem::ErrandDone(errand) => sheets.done_anyhow.push(errand.0.into()),
                    _ => {}
                }
            }
        }
        Ok(sheets)
    }

    /// Writes all; false when a statement touched other than the rows it should: another node came between.
    fn write(
        &self,
        client: &Client,
        sheets: &Sheets<'_>,
        piped: &[(String, Vec<Param<'static>>)],
        floor: i64,
    ) -> std::result::Result<bool, StoreFault> {
        let texts = &self.texts;
        let expected = [
            (sheets.messages.step(&texts.messages), sheets.messages.len()),
            (sheets.events.step(&texts.events), sheets.events.len()),
            (sheets.new_heads.step(&texts.new_heads), sheets.new_heads.len()),
            (sheets.moved_heads.step(&texts.moved_heads), sheets.moved_heads.len()),
            (finish(&sheets.done), sheets.done.len()),
            (Some(self.floor(floor)), 1),
        ];
        let (mut steps, mut counts): (Vec<Step<'_>>, Vec<usize>) =
            expected.into_iter().filter_map(|(step, count)| Some((step?, count))).unzip();
        let loose = [
            sheets.documents.step(&texts.documents),
            sheets.pins.step(&texts.pins),
            sheets.errands.step(&texts.errands),
            finish(&sheets.done_anyhow),
            sheets.trail.step(&texts.trail),
            sheets.trail_subjects.step(&texts.trail_subjects),
        ];
        steps.extend(loose.into_iter().flatten());
        steps.extend(sheets.rows.steps());
        steps.extend(piped.iter().map(|(sql, params)| Step { sql, params: params.clone() }));
        for together in steps.chunks(TOGETHER) {
            let touched = client.all(together).doing("write a batch")?;
            let checked = counts.len().min(touched.len());
            if touched[..checked] != counts[..checked] {
                return Ok(false);
            }
            counts.drain(..checked);
        }
        Ok(true)
    }

    fn floor(&self, floor: i64) -> Step<'_> {
        Step { sql: tables::MOVE_FLOOR, params: vec![Param::One((&self.node).into()), Param::One(floor.into())] }
    }
}

fn finish<'a>(errands: &[Cell<'a>]) -> Option<Step<'a>> {
    let params = || vec![Param::Many(Kind::Whole, errands.to_vec())];
    (!errands.is_empty()).then(|| Step { sql: tables::FINISH_ERRANDS, params: params() })
}

fn is_kept_with_commits(item: &WriteItem) -> bool {
    matches!(
        item,
        WriteItem::Trail(_)
            | WriteItem::Document(_)
            | WriteItem::Pin(_)
            | WriteItem::Errand(_)
            | WriteItem::ErrandDone(_)
    )
}

impl<'a> Sheets<'a> {
    fn new(rows: &'a RowSql) -> Self {
        Self {
            events: Sheet::new(&tables::EVENTS),
            new_heads: Sheet::new(&tables::NEW_HEADS),
            moved_heads: Sheet::new(&tables::MOVED_HEADS),
            messages: Sheet::new(&tables::MESSAGES),
            documents: Sheet::new(&tables::DOCUMENTS),
            pins: Sheet::new(&tables::PINS),
            errands: Sheet::new(&tables::ERRANDS),
            trail: Sheet::new(&tables::TRAIL),
            trail_subjects: Sheet::new(&tables::TRAIL_SUBJECTS),
            rows: Rows::new(rows),
            done: Vec::new(),
            done_anyhow: Vec::new(),
            entries: Vec::new(),
            fresh_pins: Vec::new(),
        }
    }

    fn commit(&mut self, prepared: &'a Prepared, known: &Known, hashes: &[[u8; 32]], positions: &[i64]) {
        let commit = &prepared.commit;
        let tenant = commit.tenant.as_str();
        self.append(prepared, known, hashes, positions);
        if let Some(packed) = &prepared.message {
            self.message(commit, packed);
        }
        for document in &prepared.documents {
            let PackedDocument { document, size, body } = document;
            self.documents.put_first(vec![
                tenant.into(),
                (&document.digest).into(),
                (&document.media_type).into(),
                (&document.name).into(),
                (*size).into(),
                body.as_slice().into(),
            ]);
        }
        if let Some(subject) = commit.subject.as_ref().filter(|subject| known.version(tenant, subject) == 0) {
            self.rows.begins(tenant, &subject.id);
        }
        commit.rows.iter().for_each(|row| self.rows.add(tenant, row));
        commit.errands.iter().for_each(|errand| self.errand(tenant, errand));
        self.done.extend(commit.errands_done.iter().map(|errand| Cell::from(errand.0)));
        self.entries.extend(commit.trail.iter().map(|entry| (tenant, entry)));
    }

    fn append(&mut self, prepared: &'a Prepared, known: &Known, hashes: &[[u8; 32]], positions: &[i64]) {
        let commit = &prepared.commit;
        let Some(subject) = &commit.subject else { return };
        let tenant = commit.tenant.as_str();
        let on = || vec![tenant.into(), (&subject.kind).into(), (&subject.id).into()];
        let mut version = commit.expected as i64;
        let events = commit.events.iter().zip(&prepared.events);
        for (((event, kept), hash), position) in events.zip(hashes).zip(positions) {
            version += 1;
            let (dictionary, body) = kept.columns(&event.body);
            let mut row: Vec<Cell<'a>> = on();
            row.extend([
                version.into(),
                (*position).into(),
                (&event.kind).into(),
                i64::from(event.form).into(),
                micros(event.occurred_at).into(),
                micros(event.recorded_at).into(),
                (&event.actor).into(),
                hash.to_vec().into(),
                body.into(),
                dictionary.into(),
            ]);
            self.events.put(row);
        }
        let (Some(hash), Some(position)) = (hashes.last(), positions.last()) else { return };
        let before = known.version(tenant, subject) as i64;
        let mut row: Vec<Cell<'a>> = on();
        let end = [version.into(), (*position).into(), hash.to_vec().into()];
        if before == 0 {
            row.extend(end);
            self.new_heads.put(row);
        } else {
            row.push(before.into());
            row.extend(end);
            self.moved_heads.put(row);
        }
    }

    fn message(&mut self, commit: &'a Commit, packed: &'a PackedMessage) {
        let PackedMessage { message, request, response } = packed;
        self.messages.put_first(vec![
            commit.tenant.as_str().into(),
            message.key[..].into(),
            (&message.channel).into(),
            (&message.base).into(),
            (&message.operation).into(),
            (&message.sender).into(),
            micros(message.received_at).into(),
            i64::from(message.status).into(),
            message.business_id.as_ref().into(),
            commit.subject.as_ref().map(|subject| &subject.kind).into(),
            commit.subject.as_ref().map(|subject| &subject.id).into(),
            response.as_slice().into(),
            request.as_slice().into(),
        ]);
    }

    fn document(&mut self, tenant: &'a str, packed: PackedDocument) {
        let PackedDocument { document, size, body } = packed;
        self.documents.put_first(vec![
            tenant.into(),
            document.digest.into(),
            document.media_type.into(),
            document.name.into(),
            size.into(),
            body.into(),
        ]);
    }

    fn pin(&mut self, kept: &HashSet<String>, tenant: &'a str, pin: &'a Pin) -> std::result::Result<(), StoreFault> {
        let name = format!("{tenant} {}", pin.digest);
        if !kept.contains(&name) && !self.fresh_pins.contains(&name) {
            let body = Bodies::in_rows().pack(pin.text.as_bytes())?;
            self.pins.put_first(vec![tenant.into(), (&pin.digest).into(), body.into()]);
            self.fresh_pins.push(name);
        }
        Ok(())
    }

    fn errand(&mut self, tenant: &'a str, errand: &'a NewErrand) {
        self.errands.put_first(vec![
            tenant.into(),
            (&errand.key).into(),
            (&errand.kind).into(),
            (&errand.subject.kind).into(),
            (&errand.subject.id).into(),
            micros(errand.not_before).into(),
            0_i64.into(),
            0_i64.into(),
            errand.body.as_slice().into(),
        ]);
    }

    /// Gives the trail's entries their numbers.
    fn number(&mut self, numbers: Vec<i64>) {
        for ((tenant, entry), number) in self.entries.drain(..).zip(numbers) {
            self.trail.put(vec![
                tenant.into(),
                number.into(),
                micros(entry.at).into(),
                (&entry.actor).into(),
                (&entry.action).into(),
                (&entry.detail).into(),
            ]);
            for subject in &entry.subjects {
                self.trail_subjects.put_first(vec![
                    tenant.into(),
                    (&subject.kind).into(),
                    (&subject.id).into(),
                    number.into(),
                ]);
            }
        }
    }
}
