//! Rebuilding on PostgreSQL: shadow tables that are made, filled, and put in place of the live ones while nodes serve.

use super::{
    address::Address,
    client::{Client, PATIENT, Step},
    rows::{RowSql, Rows},
    schema,
};
use crate::{
    StoreFault,
    engine::{
        load, lookup,
        seam::{Fresh, READ_MODELS, TailRows},
        sql::{Result, Row as SqlRow, Sql, Value},
    },
    fault::Doing,
    rows::Row,
};

const GENERATION: &str = "read-model-generation";
/// Events replayed at a time in the last step.
const TAIL: usize = 1_000;

/// Makes empty shadow tables, and forgets those of a rebuild that was given up.
pub(crate) fn make(address: &Address) -> std::result::Result<(), StoreFault> {
    let client = Client::open(address, PATIENT).doing("reach the database")?;
    let found = lookup::setting(&client, "", GENERATION)?.and_then(|text| text.parse::<u64>().ok()).unwrap_or(1);
    let drops: String =
        READ_MODELS.iter().map(|table| format!("DROP TABLE IF EXISTS {table}_next, {table}_old;")).collect();
    let script = format!("BEGIN; {drops} {} COMMIT", schema::shadow(&(found + 1).to_string()));
    let made = client.script(&script);
    client.roll_back();
    made.doing("make shadow tables")
}

/// Writes rows into the shadow tables, in one transaction.
pub(crate) fn write(client: &Client, rows: &[(String, Row)]) -> Result<()> {
    let sql = RowSql::new("_next", 0);
    let mut sheets = Rows::new(&sql);
    rows.iter().for_each(|(tenant, row)| sheets.add(tenant, row));
    sheets.compare(client)?;
    keep(client, &sheets)
}

/// Writes rows of subjects of which the shadow tables hold nothing, in one transaction.
pub(crate) fn write_fresh(client: &Client, fresh: &Fresh) -> Result<()> {
    let sql = RowSql::new("_next", 0);
    let mut sheets = Rows::new(&sql);
    fresh.rows.iter().for_each(|(tenant, row)| sheets.add_fresh(tenant, row));
    fresh.words.iter().for_each(|word| sheets.add_word(word));
    keep(client, &sheets)
}

fn keep(client: &Client, sheets: &Rows<'_>) -> Result<()> {
    let mut steps = vec![Step::bare("BEGIN")];
    steps.extend(sheets.steps());
    steps.push(Step::bare("COMMIT"));
    let written = client.all(&steps).map(|_| ());
    client.roll_back();
    written
}

/// A connection that sees what is not settled yet: nobody may write while it is used.
struct Alone<'a>(&'a Client);

impl Sql for Alone<'_> {
    fn change(&self, sql: &str, values: &[Value<'_>]) -> Result<usize> {
        self.0.change(sql, values)
    }

    fn tell(&self, sql: &str, values: &[Value<'_>], told: &mut dyn FnMut(&SqlRow<'_>) -> Result<bool>) -> Result<()> {
        self.0.tell(sql, values, told)
    }

    fn floor(&self) -> &'static str {
        "9223372036854775807"
    }
}

/// Stops appends on every node for a moment, replays the tail, and puts the shadow tables in place.
pub(crate) fn finish(address: &Address, after: u64, mut tail: TailRows) -> std::result::Result<(), StoreFault> {
    let client = Client::open(address, PATIENT).doing("reach the database")?;
    client.script("BEGIN; LOCK TABLE events IN SHARE MODE").doing("stop appends for a moment")?;
    let sql = RowSql::new("_next", 0);
    let conn = Alone(&client);
    let mut after = after;
    loop {
        let events = load::feed(&conn, after, TAIL)?;
        let Some(last) = events.last() else { break };
        after = last.position;
        let rows = tail(&conn, &events)?;
        let mut sheets = Rows::new(&sql);
        rows.iter().for_each(|(tenant, row)| sheets.add(tenant, row));
        sheets.compare(&client).doing("replay the tail")?;
        client.all(&sheets.steps()).doing("replay the tail")?;
    }
    let swaps: String = READ_MODELS
        .iter()
        .map(|table| format!("ALTER TABLE {table} RENAME TO {table}_old; ALTER TABLE {table}_next RENAME TO {table};"))
        .collect();
    client.script(&swaps).doing("swap read models")?;
    let generation = "INSERT INTO settings (tenant, name, value) VALUES ('', ?1, '2') ON CONFLICT (tenant, name)
      DO UPDATE SET value = CAST(CAST(settings.value AS BIGINT) + 1 AS TEXT)";
    client.change(generation, &[Value::Text(GENERATION)]).doing("swap read models")?;
    client.all(&[Step::bare("COMMIT")]).doing("swap read models")?;
    let drops: String = READ_MODELS.iter().map(|table| format!("DROP TABLE IF EXISTS {table}_old;")).collect();
    client.script(&drops).doing("remove old read models")
}

/// All rows of a table as text, sorted. Counters are told as their sums: where they stand in parts is each node's affair.
pub(crate) fn dump(client: &Client, table: &str) -> Result<Vec<String>> {
    let sql = match table {
        "measures" => "SELECT tenant, day, line_of_business, urgency, key, SUM(n)::bigint, SUM(seconds)::bigint
          FROM measures GROUP BY tenant, day, line_of_business, urgency, key"
            .to_owned(),
        table => format!("SELECT * FROM {table}"),
    };
    let mut lines = Vec::new();
    client.run(&[Step::bare(&sql)], &mut |_, row| {
        if let SqlRow::Pg(cells) = row {
            lines.push(cells.shown());
        }
        Ok(true)
    })?;
    lines.sort_unstable();
    Ok(lines)
}
