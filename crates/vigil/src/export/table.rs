//! One Parquet file: columns as declared, rows gathered into groups, written so that it is whole or absent.

use std::{
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
    sync::Arc,
};

use jiff::{Unit, civil::date};
use parquet::{
    basic::Compression,
    column::writer::ColumnWriter,
    data_type::ByteArray,
    errors::ParquetError,
    file::{
        properties::WriterProperties,
        writer::{SerializedColumnWriter, SerializedFileWriter},
    },
    schema::parser::parse_message_type,
};
use vigil_domain::time::{Day, Moment};

/// Rows of one row group.
const GROUP: usize = 65_536;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Number,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
    /// Yes or no.
    Yes,
    /// An instant, in microseconds since 1970, UTC.
    Moment,
    /// A calendar day.
    Day,
}

/// A column: its name, what it holds, whether it may be empty.
pub type Column = (&'static str, Kind, bool);

/// One cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Nothing.
    Empty,
    /// A number, or microseconds.
    Number(i64),
    /// Text or bytes.
    Bytes(Vec<u8>),
    /// Yes or no.
    Yes(bool),
    /// Days since 1970.
    Days(i32),
}

impl From<i64> for Cell {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<bool> for Cell {
    fn from(yes: bool) -> Self {
        Self::Yes(yes)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Bytes(text.into_bytes())
    }
}

impl From<Vec<u8>> for Cell {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<Moment> for Cell {
    fn from(moment: Moment) -> Self {
        Self::Number(moment.as_microsecond())
    }
}

impl From<Day> for Cell {
    fn from(day: Day) -> Self {
        let days = date(1970, 1, 1).until((Unit::Day, day)).map_or(0, |span| span.get_days());
        Self::Days(days)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(cell: Option<T>) -> Self {
        cell.map_or(Self::Empty, Into::into)
    }
}

/// A file under way. Dropping it leaves nothing under its name.
pub struct TableFile {
    columns: &'static [Column],
    writer: SerializedFileWriter<BufWriter<File>>,
    waiting: Vec<Vec<Cell>>,
    part: PathBuf,
    path: PathBuf,
    /// Rows so far.
    pub rows: u64,
}

impl TableFile {
    /// Begins a file of a table.
    ///
    /// # Errors
    /// The system's.
    pub fn begin(name: &str, columns: &'static [Column], path: &Path) -> Result<Self, ParquetError> {
        let folder = path.parent().unwrap_or(path);
        fs::create_dir_all(folder)?;
        let part = folder.join(format!(".{}.part", path.file_name().unwrap_or_default().to_string_lossy()));
        let schema = Arc::new(parse_message_type(&message(name, columns))?);
        // Nothing of the day or the machine goes into the file: the same rows give the same bytes.
        let properties =
            WriterProperties::builder().set_compression(Compression::SNAPPY).set_created_by("vigil".to_owned()).build();
        let file = BufWriter::new(File::create(&part)?);
        let writer = SerializedFileWriter::new(file, schema, Arc::new(properties))?;
        Ok(Self { columns, writer, waiting: Vec::new(), part, path: path.to_owned(), rows: 0 })
    }

    /// Adds a row; it has a cell for each column.
    ///
    /// # Errors
    /// The system's.
    pub fn row(&mut self, cells: Vec<Cell>) -> Result<(), ParquetError> {
        debug_assert_eq!(cells.len(), self.columns.len());
        self.waiting.push(cells);
        self.rows += 1;
        if self.waiting.len() < GROUP { Ok(()) } else { self.flush() }
    }

    /// Ends the file: it is on the disk and has its name when this returns.
    ///
    /// # Errors
    /// The system's.
    pub fn end(mut self) -> Result<u64, ParquetError> {
        self.flush()?;
        let file = self.writer.into_inner()?.into_inner().map_err(|error| error.into_error())?;
        file.sync_all()?;
        fs::rename(&self.part, &self.path)?;
        Ok(self.rows)
    }

    fn flush(&mut self) -> Result<(), ParquetError> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let rows = std::mem::take(&mut self.waiting);
        let mut group = self.writer.next_row_group()?;
        let mut place = 0;
        while let Some(column) = group.next_column()? {
            write(column, &rows, place, self.columns[place].2)?;
            place += 1;
        }
        group.close()?;
        Ok(())
    }
}

fn message(name: &str, columns: &[Column]) -> String {
    let mut text = format!("message {name} {{\n");
    for (name, kind, may_be_empty) in columns {
        let need = if *may_be_empty { "optional" } else { "required" };
        let (physical, logical) = match kind {
            Kind::Number => ("int64", ""),
            Kind::Text => ("binary", " (STRING)"),
            Kind::Bytes => ("binary", ""),
            Kind::Yes => ("boolean", ""),
            Kind::Moment => ("int64", " (TIMESTAMP(MICROS,true))"),
            Kind::Day => ("int32", " (DATE)"),
        };
        text.push_str(&format!("  {need} {physical} {name}{logical};\n"));
    }
    text.push('}');
    text
}

/// Writes one column of a group: the values that are there, and for each row whether one is.
fn write(
    mut column: SerializedColumnWriter<'_>,
    rows: &[Vec<Cell>],
    place: usize,
    optional: bool,
) -> Result<(), ParquetError> {
    let cells = || rows.iter().map(|row| &row[place]);
    let levels: Option<Vec<i16>> = optional.then(|| cells().map(|cell| i16::from(*cell != Cell::Empty)).collect());
    let levels = levels.as_deref();
    match column.untyped() {
        ColumnWriter::BoolColumnWriter(writer) => {
            let values: Vec<bool> =
                cells().filter_map(|c| if let Cell::Yes(yes) = c { Some(*yes) } else { None }).collect();
            writer.write_batch(&values, levels, None)?;
        }
        ColumnWriter::Int32ColumnWriter(writer) => {
            let values: Vec<i32> =
                cells().filter_map(|c| if let Cell::Days(days) = c { Some(*days) } else { None }).collect();
            writer.write_batch(&values, levels, None)?;
        }
        ColumnWriter::Int64ColumnWriter(writer) => {
            let values: Vec<i64> =
                cells().filter_map(|c| if let Cell::Number(n) = c { Some(*n) } else { None }).collect();
            writer.write_batch(&values, levels, None)?;
        }
        ColumnWriter::ByteArrayColumnWriter(writer) => {
            let bytes = |c: &Cell| if let Cell::Bytes(bytes) = c { Some(ByteArray::from(bytes.clone())) } else { None };
            let values: Vec<ByteArray> = cells().filter_map(bytes).collect();
            writer.write_batch(&values, levels, None)?;
        }
        _ => return Err(ParquetError::General("a column of a kind that no table declares".to_owned())),
    }
    column.close()?;
    Ok(())
}
