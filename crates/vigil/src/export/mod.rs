//! `vigil export`: events and read models as Parquet, in folders named `tenant=…/date=…` as DuckDB, Spark and Trino read them.
//!
//! The log and the trail are cut at fixed numbers into windows. A window that can no longer change is written once; the last one is
//! written again by the next export. So an export that was cut short goes on where it was, and the same log gives the same bytes.
//! Read models are written whole each time. Who a patient is goes along only when it is asked for.

mod stays;
pub mod table;

use std::{collections::BTreeMap, fs, path::PathBuf};

use jiff::tz::TimeZone;
use parquet::errors::ParquetError;
use serde::{Deserialize, Serialize};
use table::{Cell, Column, Kind, TableFile};
use vigil_domain::time::{Day, Moment};
use vigil_store::{StoreFault, View};

/// Events or entries of one window, unless another size is asked for.
pub const WINDOW: u64 = 100_000;
/// Rows read at a time.
const PAGE: usize = 5_000;
/// The note in the folder that says how far an export came.
const NOTE: &str = "_vigil_export.json";

/// What an export is asked for.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The folder.
    pub to: PathBuf,
    /// Names, member numbers, birth days, event bodies and details of the trail go along.
    pub patients: bool,
    /// Now: read models stand at this moment.
    pub now: Moment,
    /// Events or entries of one window; one export has one size.
    pub window: u64,
}

/// What an export came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Rows written now, by table; windows that were written before are not counted.
    pub rows: BTreeMap<&'static str, u64>,
    /// Files written now.
    pub files: u64,
    /// Windows of the log and of the trail that were there already.
    pub windows_kept: u64,
}

/// Why an export did not come through. What it wrote stays, and the next one goes on there.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The folder holds an export of another kind.
    #[error("{}: {why}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why it cannot be gone on with.
        why: String,
    },
    /// A file could not be written.
    #[error("a file could not be written: {0}")]
    File(#[from] ParquetError),
    /// The store's.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

impl From<std::io::Error> for ExportError {
    fn from(error: std::io::Error) -> Self {
        Self::File(error.into())
    }
}

/// How far an export came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Note {
    form: u32,
    patients: bool,
    window: u64,
    events_done: u64,
    trail_done: u64,
}

const EVENTS: &[Column] = &[
    ("position", Kind::Number, false),
    ("subject_kind", Kind::Text, false),
    ("subject_id", Kind::Text, false),
    ("version", Kind::Number, false),
    ("kind", Kind::Text, false),
    ("form", Kind::Number, false),
    ("occurred_at", Kind::Moment, false),
    ("recorded_at", Kind::Moment, false),
    ("actor", Kind::Text, false),
    ("hash", Kind::Bytes, false),
    ("body", Kind::Text, true),
];

const WORK: &[Column] = &[
    ("case_id", Kind::Text, false),
    ("stage", Kind::Text, false),
    ("queue", Kind::Text, false),
    ("open", Kind::Yes, false),
    ("line_of_business", Kind::Text, false),
    ("urgency", Kind::Text, false),
    ("review", Kind::Text, false),
    ("service", Kind::Text, false),
    ("provider_npi", Kind::Text, false),
    ("due_at", Kind::Moment, true),
    ("due_rule", Kind::Text, true),
    ("late", Kind::Yes, false),
    ("owner", Kind::Text, true),
    ("received_at", Kind::Moment, false),
    ("decided_at", Kind::Moment, true),
    ("outcome", Kind::Text, true),
    ("zone", Kind::Text, false),
    ("patient_name", Kind::Text, true),
    ("member_id", Kind::Text, true),
    ("birth_day", Kind::Day, true),
    ("sex", Kind::Text, true),
    ("authorization_number", Kind::Text, true),
];

const DECIDED: &[Column] = &[
    ("case_id", Kind::Text, false),
    ("line_of_business", Kind::Text, false),
    ("urgency", Kind::Text, false),
    ("received_at", Kind::Moment, false),
    ("decided_at", Kind::Moment, false),
    ("due_at", Kind::Moment, true),
    ("outcome", Kind::Text, false),
    ("automated", Kind::Yes, false),
    ("service", Kind::Text, false),
];

const MEASURES: &[Column] = &[
    ("line_of_business", Kind::Text, false),
    ("urgency", Kind::Text, false),
    ("key", Kind::Text, false),
    ("n", Kind::Number, false),
    ("seconds", Kind::Number, false),
];

const TRAIL: &[Column] = &[
    ("number", Kind::Number, false),
    ("at", Kind::Moment, false),
    ("actor", Kind::Text, false),
    ("action", Kind::Text, false),
    ("detail", Kind::Text, true),
];

const TRAIL_SUBJECTS: &[Column] =
    &[("number", Kind::Number, false), ("subject_kind", Kind::Text, false), ("subject_id", Kind::Text, true)];

/// Exports; goes on with what is in the folder. `progress` is told what is being written. Blocking.
///
/// # Errors
/// Why it did not come through.
pub fn export(view: &View, wanted: &Wanted, progress: &mut dyn FnMut(&str)) -> Result<Exported, ExportError> {
    fs::create_dir_all(&wanted.to)?;
    let note = read_note(wanted)?;
    let mut export = Export { view, wanted, note, done: Exported::default() };
    export.events(progress)?;
    export.trail(progress)?;
    let tenants = view.tenants()?;
    for tenant in &tenants {
        progress(&format!("read models of {tenant}"));
        let first = export.work(tenant)?;
        export.by_day(tenant, first)?;
        export.stays(tenant)?;
        export.trail_subjects(tenant)?;
    }
    Ok(export.done)
}

fn read_note(wanted: &Wanted) -> Result<Note, ExportError> {
    let refuse = |why: &str| ExportError::Folder { folder: wanted.to.clone(), why: why.to_owned() };
    let fresh = Note { form: 1, patients: wanted.patients, window: wanted.window, events_done: 0, trail_done: 0 };
    let text = match fs::read_to_string(wanted.to.join(NOTE)) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return match fs::read_dir(&wanted.to)?.next() {
                None => Ok(fresh),
                Some(_) => Err(refuse("there are other things in it; name an empty folder or an earlier export")),
            };
        }
        Err(error) => return Err(error.into()),
    };
    let note: Note = serde_json::from_str(&text).map_err(|error| refuse(&format!("{NOTE}: {error}")))?;
    match () {
        () if note.form != 1 => Err(refuse("the export in it is of another form")),
        () if note.window != wanted.window => Err(refuse("the export in it has windows of another size")),
        () if note.patients != wanted.patients => {
            Err(refuse("the export in it was made with another --with-patients; name another folder"))
        }
        () => Ok(note),
    }
}

struct Export<'a> {
    view: &'a View,
    wanted: &'a Wanted,
    note: Note,
    done: Exported,
}

/// The files of one window or page, one for each tenant and date.
type Files = BTreeMap<(String, Day), TableFile>;

impl Export<'_> {
    fn path(&self, table: &str, tenant: &str, date: Option<Day>, file: &str) -> PathBuf {
        let mut path = self.wanted.to.join(table).join(format!("tenant={}", in_path(tenant)));
        if let Some(date) = date {
            path.push(format!("date={date}"));
        }
        path.join(format!("{file}.parquet"))
    }

    fn file<'f>(
        &self,
        files: &'f mut Files,
        (table, columns): (&'static str, &'static [Column]),
        (tenant, date): (&str, Day),
        name: &str,
    ) -> Result<&'f mut TableFile, ExportError> {
        Ok(match files.entry((tenant.to_owned(), date)) {
            std::collections::btree_map::Entry::Occupied(file) => file.into_mut(),
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(TableFile::begin(table, columns, &self.path(table, tenant, Some(date), name))?)
            }
        })
    }

    fn end(&mut self, table: &'static str, files: impl IntoIterator<Item = TableFile>) -> Result<(), ExportError> {
        for file in files {
            self.done.files += 1;
            *self.done.rows.entry(table).or_default() += file.end()?;
        }
        Ok(())
    }

    fn keep_note(&self) -> Result<(), ExportError> {
        let (part, path) = (self.wanted.to.join(".note.part"), self.wanted.to.join(NOTE));
        fs::write(&part, serde_json::to_string(&self.note).map_err(std::io::Error::other)?)?;
        fs::File::open(&part)?.sync_all()?;
        Ok(fs::rename(part, path)?)
    }

    fn events(&mut self, progress: &mut dyn FnMut(&str)) -> Result<(), ExportError> {
        let end = self.view.watermark()?;
        self.done.windows_kept += self.note.events_done / self.wanted.window;
        self.keep_note()?;
        let mut from = self.note.events_done;
        while from < end {
            progress(&format!("events after {from} of {end}"));
            let until = from + self.wanted.window;
            self.events_between(from, until.min(end))?;
            from = until;
            if until <= end {
                self.note.events_done = until;
                self.keep_note()?;
            }
        }
        Ok(())
    }

    fn events_between(&mut self, from: u64, until: u64) -> Result<(), ExportError> {
        let (mut files, mut after, name) = (Files::new(), from, format!("events-{from:012}"));
        while after < until {
            let events = self.view.feed(after, PAGE)?;
            let Some(last) = events.last() else { break };
            after = last.position;
            for event in events.into_iter().take_while(|event| event.position <= until) {
                let key = (event.tenant.as_str(), date_of(event.recorded_at));
                let file = self.file(&mut files, ("events", EVENTS), key, &name)?;
                let body = self.wanted.patients.then(|| String::from_utf8_lossy(&event.body).into_owned());
                file.row(vec![
                    event.position.into(),
                    event.subject.kind.into(),
                    event.subject.id.into(),
                    event.version.into(),
                    event.kind.into(),
                    i64::from(event.form).into(),
                    event.occurred_at.into(),
                    event.recorded_at.into(),
                    event.actor.into(),
                    event.hash.to_vec().into(),
                    body.into(),
                ])?;
            }
        }
        self.end("events", files.into_values())
    }

    fn trail(&mut self, progress: &mut dyn FnMut(&str)) -> Result<(), ExportError> {
        let end = u64::try_from(self.view.trail_end()?).unwrap_or(0);
        self.done.windows_kept += self.note.trail_done / self.wanted.window;
        let mut from = self.note.trail_done;
        while from < end {
            progress(&format!("trail after {from} of {end}"));
            let until = from + self.wanted.window;
            self.trail_between(from, until)?;
            from = until;
            // Numbers may become visible out of order where several nodes write: the last whole window is written again.
            if until + self.wanted.window <= end {
                self.note.trail_done = until;
                self.keep_note()?;
            }
        }
        Ok(())
    }

    fn trail_between(&mut self, from: u64, until: u64) -> Result<(), ExportError> {
        let number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let (mut files, mut after, name) = (Files::new(), number(from), format!("trail-{from:012}"));
        while after < number(until) {
            let rows = self.view.trail_feed(after, PAGE)?;
            let Some(last) = rows.last() else { break };
            after = last.number;
            for row in rows.into_iter().take_while(|row| row.number <= number(until)) {
                let key = (row.tenant.as_str(), date_of(row.at));
                let file = self.file(&mut files, ("trail", TRAIL), key, &name)?;
                let detail = self.wanted.patients.then_some(row.detail);
                file.row(vec![row.number.into(), row.at.into(), row.actor.into(), row.action.into(), detail.into()])?;
            }
        }
        self.end("trail", files.into_values())
    }

    /// The case list, newest first, so that one date is whole before the next begins. Gives the first date.
    fn work(&mut self, tenant: &str) -> Result<Option<Day>, ExportError> {
        let (mut last, mut open): (Option<(Moment, String)>, Files) = (None, Files::new());
        loop {
            let before = last.as_ref().map(|(at, id)| (*at, id.as_str()));
            let page = self.view.cases(tenant, before, PAGE)?;
            let Some(end) = page.last() else { break };
            last = Some((end.received_at, end.case_id.clone()));
            for row in page {
                let date = date_of(row.received_at);
                if open.keys().any(|(_, of)| *of != date) {
                    let whole = std::mem::take(&mut open);
                    self.end("work", whole.into_values())?;
                }
                let patients = self.wanted.patients;
                let only = |cell: Cell| if patients { cell } else { Cell::Empty };
                let file = self.file(&mut open, ("work", WORK), (tenant, date), "work")?;
                file.row(vec![
                    row.case_id.into(),
                    row.stage.into(),
                    row.queue.into(),
                    row.open.into(),
                    row.line_of_business.into(),
                    row.urgency.into(),
                    row.review.into(),
                    row.service.into(),
                    row.provider_npi.into(),
                    row.due_at.into(),
                    row.due_rule.into(),
                    row.late.into(),
                    row.owner.into(),
                    row.received_at.into(),
                    row.decided_at.into(),
                    row.outcome.into(),
                    row.zone.into(),
                    only(row.patient_name.into()),
                    only(row.member_id.into()),
                    only(row.birth_day.into()),
                    only(row.sex.into()),
                    only(row.authorization.into()),
                ])?;
            }
        }
        self.end("work", open.into_values())?;
        Ok(last.map(|(at, _)| date_of(at)))
    }

    /// Decided cases and measures, a day at a time from the first case's day on.
    fn by_day(&mut self, tenant: &str, first: Option<Day>) -> Result<(), ExportError> {
        let Some(first) = first else { return Ok(()) };
        // A measure's day is the contract's: it may be one off the UTC day at both ends.
        let mut day = first.yesterday().unwrap_or(first);
        let last = date_of(self.wanted.now).tomorrow().unwrap_or(first);
        while day <= last {
            let next = day.tomorrow().unwrap_or(day);
            self.decided_on(tenant, day, next)?;
            self.measures_of(tenant, day)?;
            if next == day {
                break;
            }
            day = next;
        }
        Ok(())
    }

    fn decided_on(&mut self, tenant: &str, day: Day, next: Day) -> Result<(), ExportError> {
        let start = |day: Day| day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp());
        let (Ok(from), Ok(to)) = (start(day), start(next)) else { return Ok(()) };
        let rows = self.view.decided(tenant, from, to)?;
        let mut files = Files::new();
        for row in rows {
            self.file(&mut files, ("decided", DECIDED), (tenant, day), "decided")?.row(vec![
                row.case_id.into(),
                row.line_of_business.into(),
                row.urgency.into(),
                row.received_at.into(),
                row.decided_at.into(),
                row.due_at.into(),
                row.outcome.into(),
                row.automated.into(),
                row.service.into(),
            ])?;
        }
        self.end("decided", files.into_values())
    }

    fn measures_of(&mut self, tenant: &str, day: Day) -> Result<(), ExportError> {
        let mut files = Files::new();
        for row in self.view.measures(tenant, day, day)? {
            self.file(&mut files, ("measures", MEASURES), (tenant, day), "measures")?.row(vec![
                row.line_of_business.into(),
                row.urgency.into(),
                row.key.into(),
                row.n.into(),
                row.seconds.into(),
            ])?;
        }
        self.end("measures", files.into_values())
    }

    fn trail_subjects(&mut self, tenant: &str) -> Result<(), ExportError> {
        let path = self.path("trail_subjects", tenant, None, "trail_subjects");
        let (mut last, mut file) = (None, None);
        loop {
            let page = self.view.trail_subjects(tenant, last.as_ref(), PAGE)?;
            let Some(end) = page.last() else { break };
            last = Some(end.clone());
            if file.is_none() {
                file = Some(TableFile::begin("trail_subjects", TRAIL_SUBJECTS, &path)?);
            }
            for row in page {
                // A member's key is the member number; a case's and a stay's are ours.
                let ours = self.wanted.patients || matches!(row.subject.kind.as_str(), "case" | "stay");
                let id = ours.then_some(row.subject.id);
                if let Some(file) = &mut file {
                    file.row(vec![row.number.into(), row.subject.kind.into(), id.into()])?;
                }
            }
        }
        self.end("trail_subjects", file)
    }
}

/// The UTC date of a moment.
pub(crate) fn date_of(at: Moment) -> Day {
    at.to_zoned(TimeZone::UTC).date()
}

/// A tenant's name as the name of a folder.
fn in_path(tenant: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let mut out = String::new();
    for c in tenant.chars() {
        if safe(c) && !(c == '.' && out.is_empty()) {
            out.push(c);
        } else {
            c.encode_utf8(&mut [0; 4]).bytes().for_each(|byte| out.push_str(&format!("%{byte:02X}")));
        }
    }
    out
}
