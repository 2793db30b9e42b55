//! Moving in: everything that a data directory holds, copied into an empty store in PostgreSQL in one transaction.

use super::{
    address::Address,
    cell::{Cell, Kind, Param},
    client::{Client, PATIENT, Step},
    schema,
};
use crate::{
    StoreFault,
    body::Bodies,
    engine::sql::{Result, Row, Sql},
    fault::Doing,
};

/// Rows sent together.
const ROWS: usize = 2_000;
/// Bytes sent together.
const HEAVY: usize = 8 << 20;
/// What each node keeps for itself, or the schema of itself.
const LEFT_OUT: [&str; 3] = ["leases", "schema_version", "writers"];

/// A table with its columns.
struct Shape {
    name: String,
    columns: Vec<(String, Kind)>,
}

/// Copies all tables; gives how many rows there were. `progress` is told the rows so far.
pub(crate) fn copy(
    from: &dyn Sql,
    bodies: &Bodies,
    address: &Address,
    progress: &mut dyn FnMut(u64),
) -> std::result::Result<u64, StoreFault> {
    let client = Client::open(address, PATIENT).doing("reach the database")?;
    schema::migrate(&client, &address.schema)?;
    // Bodies come as they are, packed ones too: no older node may serve from there.
    schema::contract(&client)?;
    client.all(&[Step::bare("BEGIN")]).doing("begin to copy")?;
    let used =
        "SELECT (SELECT COUNT(*) FROM heads) + (SELECT COUNT(*) FROM accounts) + (SELECT COUNT(*) FROM messages)";
    if client.one_number(used).doing("look whether it is empty")? > 0 {
        return Err(StoreFault::NotEmpty);
    }
    let mut done = 0;
    for shape in shapes(&client).doing("read its tables")? {
        let mut load = Load::new(&client, &shape, bodies);
        let (mut fault, select) = (None, std::mem::take(&mut load.select));
        from.tell(&select, &[], &mut |row| {
            let kept = load.take(row);
            done += 1;
            if done % 10_000 == 0 {
                progress(done);
            }
            fault = kept.err();
            Ok(fault.is_none())
        })
        .doing("read a table")?;
        match fault {
            Some(fault) => return Err(fault),
            None => load.send()?,
        }
    }
    for (sequence, column, table) in [
        ("'event_positions'", "position", "events"),
        ("'trail_numbers'", "number", "trail"),
        ("pg_get_serial_sequence('messages', 'id')", "id", "messages"),
        ("pg_get_serial_sequence('errands', 'id')", "id", "errands"),
    ] {
        let sql = format!(
            "SELECT setval({sequence}, last) FROM (SELECT MAX({column}) AS last FROM {table}) AS t WHERE last IS NOT NULL"
        );
        client.all(&[Step::bare(&sql)]).doing("go on after the last number")?;
    }
    client.all(&[Step::bare("COMMIT")]).doing("keep the copy")?;
    Ok(done)
}

fn shapes(client: &Client) -> Result<Vec<Shape>> {
    let sql = "SELECT table_name::text, column_name::text, data_type::text FROM information_schema.columns
      WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position";
    let mut shapes: Vec<Shape> = Vec::new();
    client.run(&[Step::bare(sql)], &mut |_, row| {
        let (name, column, kind): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let kind = match kind.as_str() {
            "bigint" => Kind::Whole,
            "bytea" => Kind::Bytes,
            _ => Kind::Text,
        };
        match shapes.last_mut() {
            Some(shape) if shape.name == name => shape.columns.push((column, kind)),
            _ => shapes.push(Shape { name, columns: vec![(column, kind)] }),
        }
        Ok(true)
    })?;
    shapes.retain(|shape| !LEFT_OUT.contains(&shape.name.as_str()));
    Ok(shapes)
}

/// Rows of one table on their way.
struct Load<'a> {
    client: &'a Client,
    shape: &'a Shape,
    bodies: &'a Bodies,
    select: String,
    insert: String,
    columns: Vec<Vec<Cell<'static>>>,
    weight: usize,
}

impl<'a> Load<'a> {
    fn new(client: &'a Client, shape: &'a Shape, bodies: &'a Bodies) -> Self {
        let names: Vec<&str> = shape.columns.iter().map(|(name, _)| name.as_str()).collect();
        // A figure stands in one row where one process counts.
        let read: Vec<&str> = names.iter().map(|name| if *name == "slot" { "0" } else { *name }).collect();
        let kinds = shape.columns.iter().enumerate();
        let arrays: Vec<String> = kinds.map(|(n, (_, kind))| format!("?{}::{}", n + 1, kind.array())).collect();
        Self {
            client,
            shape,
            bodies,
            select: format!("SELECT {} FROM {}", read.join(", "), shape.name),
            insert: format!(
                "INSERT INTO {} ({}) SELECT * FROM unnest({})",
                shape.name,
                names.join(", "),
                arrays.join(", ")
            ),
            columns: vec![Vec::new(); shape.columns.len()],
            weight: 0,
        }
    }

    fn take(&mut self, row: &Row<'_>) -> std::result::Result<(), StoreFault> {
        for (place, (name, kind)) in self.shape.columns.iter().enumerate() {
            let cell: Cell<'static> = match kind {
                Kind::Whole => row.get::<_, Option<i64>>(place).doing("read a row")?.into(),
                Kind::Text => row.get::<_, Option<String>>(place).doing("read a row")?.into(),
                Kind::Bytes => {
                    let bytes: Option<Vec<u8>> = row.get(place).doing("read a row")?;
                    bytes.map(|bytes| self.body(name, bytes)).transpose()?.into()
                }
            };
            self.weight += match &cell {
                Cell::Text(text) => text.len(),
                Cell::Blob(bytes) => bytes.len(),
                _ => 8,
            };
            self.columns[place].push(cell);
        }
        if self.columns[0].len() >= ROWS || self.weight >= HEAVY { self.send() } else { Ok(()) }
    }

    /// A body that lies in a file of the data directory comes into its row.
    fn body(&self, column: &str, bytes: Vec<u8>) -> std::result::Result<Vec<u8>, StoreFault> {
        let may_lie_in_a_file = match self.shape.name.as_str() {
            "messages" => column == "request" || column == "response",
            "documents" => column == "body",
            _ => false,
        };
        if may_lie_in_a_file { self.bodies.in_row(bytes) } else { Ok(bytes) }
    }

    fn send(&mut self) -> std::result::Result<(), StoreFault> {
        self.weight = 0;
        if self.columns[0].is_empty() {
            return Ok(());
        }
        let kinds = self.shape.columns.iter().map(|(_, kind)| *kind);
        let params = kinds.zip(self.columns.iter_mut()).map(|(kind, cells)| Param::Many(kind, std::mem::take(cells)));
        let step = Step { sql: &self.insert, params: params.collect() };
        self.client.all(&[step]).doing("copy rows").map(|_| ())
    }
}
