//! Writes that belong to no subject, inside the writer's transaction.

use super::{apply, writer::Cx};
use crate::{
    StoreFault,
    body::Bodies,
    directory::{Write, WriteItem},
    engine::{prepared::PackedDocument, write::record},
};

/// Writes all items.
pub(crate) fn write(cx: &mut Cx<'_>, bodies: &Bodies, write: &Write) -> Result<(), StoreFault> {
    let tenant = write.tenant.as_str();
    write.items.iter().try_for_each(|item| one(cx, bodies, tenant, item))
}

fn one(cx: &mut Cx<'_>, bodies: &Bodies, tenant: &str, item: &WriteItem) -> Result<(), StoreFault> {
    let conn = cx.conn;
    match item {
        WriteItem::Trail(entry) => apply::keep_trail(conn, tenant, entry),
        WriteItem::Document(item) => apply::keep_document(conn, tenant, &PackedDocument::new(item.clone(), bodies)?),
        WriteItem::Pin(item) => apply::keep_pin(cx, tenant, item),
        WriteItem::Errand(item) => apply::enqueue(conn, tenant, item),
        WriteItem::ErrandDone(id) => apply::finish(conn, *id),
        item => record(conn, tenant, item),
    }
}
