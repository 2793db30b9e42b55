"""Reads an export with DuckDB and with Arrow: FOLDER EVENTS. Fails when they disagree with what the store holds."""

import sys

import duckdb
import pyarrow.dataset as ds

folder, events = sys.argv[1], int(sys.argv[2])

db = duckdb.connect()
tables = {}
for table in ["events", "work", "measures", "trail"]:
    source = f"read_parquet('{folder}/{table}/**/*.parquet', hive_partitioning = true)"
    tables[table] = db.execute(f"SELECT count(*) FROM {source}").fetchone()[0]
    arrow = ds.dataset(f"{folder}/{table}", format="parquet", partitioning="hive").to_table()
    assert arrow.num_rows == tables[table], (table, arrow.num_rows, tables[table])

assert tables["events"] == events, tables
source = f"read_parquet('{folder}/events/**/*.parquet', hive_partitioning = true)"
kinds = db.execute(
    f"SELECT tenant, min(date), count(DISTINCT subject_id), typeof(any_value(recorded_at)), count(body) FROM {source} GROUP BY tenant"
).fetchall()
assert len(kinds) == 1 and kinds[0][0] == "main" and kinds[0][2] >= 6, kinds
assert kinds[0][3] == "TIMESTAMP WITH TIME ZONE", kinds
assert kinds[0][4] == 0, "no bodies without --with-patients"
print(tables, kinds)
