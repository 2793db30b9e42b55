//! Shadow tables of a rebuild: made, swapped in, and the old ones removed.

use rusqlite::Connection;

use super::schema;
use crate::{
    StoreFault,
    engine::{lookup, seam::READ_MODELS},
    fault::Doing,
};

/// What the replaced tables are called until they are removed.
pub(crate) const OLD: [&str; 7] =
    ["work_old", "search_old", "keys_old", "deadlines_old", "measures_old", "decided_old", "stays_old"];

const GENERATION: &str = "read-model-generation";

fn generation(conn: &Connection) -> Result<u64, StoreFault> {
    Ok(lookup::setting(conn, "", GENERATION)?.and_then(|text| text.parse().ok()).unwrap_or(1))
}

/// Makes empty shadow tables.
pub(crate) fn make(conn: &Connection) -> Result<(), StoreFault> {
    for table in OLD {
        remove(conn, table)?;
    }
    for table in READ_MODELS {
        conn.execute_batch(&format!("DROP TABLE IF EXISTS {table}_next")).doing("forget an old rebuild")?;
    }
    let next = (generation(conn)? + 1).to_string();
    conn.execute_batch(&schema::read_models("_next", &next)).doing("make shadow tables")
}

/// Puts the shadow tables in place of the live ones.
pub(crate) fn swap(conn: &Connection) -> Result<(), StoreFault> {
    for table in READ_MODELS {
        let sql = format!("ALTER TABLE {table} RENAME TO {table}_old; ALTER TABLE {table}_next RENAME TO {table};");
        conn.execute_batch(&sql).doing("swap read models")?;
    }
    let sql = "INSERT INTO settings (tenant, name, value) VALUES ('', ?1, ?2)
      ON CONFLICT (tenant, name) DO UPDATE SET value = excluded.value";
    conn.execute(sql, [GENERATION, &(generation(conn)? + 1).to_string()]).doing("swap read models").map(|_| ())
}

/// Removes a replaced table.
pub(crate) fn remove(conn: &Connection, table: &str) -> Result<(), StoreFault> {
    conn.execute_batch(&format!("DROP TABLE IF EXISTS {table}")).doing("remove an old read model")
}

/// All rows of a table as text, sorted.
pub(crate) fn dump(conn: &Connection, table: &str) -> Result<Vec<String>, StoreFault> {
    let mut select = conn.prepare(&format!("SELECT * FROM {table}")).doing("dump a read model")?;
    let columns = select.column_count();
    let rows = select.query_map([], |row| {
        let cells: Vec<String> = (0..columns)
            .map(|column| row.get::<_, rusqlite::types::Value>(column).map(|value| format!("{value:?}")))
            .collect::<Result<_, _>>()?;
        Ok(cells.join(" | "))
    });
    let mut lines: Vec<String> = rows.and_then(Iterator::collect).doing("dump a read model")?;
    lines.sort_unstable();
    Ok(lines)
}
