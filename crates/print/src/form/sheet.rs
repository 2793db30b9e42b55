//! Pages of ours behind a form: what the form has no place for.

use lopdf::{Dictionary, Document, IncrementalDocument, Object, ObjectId};

/// What a page may take over from the nodes above it.
const INHERITED: [&[u8]; 4] = [b"Resources", b"MediaBox", b"CropBox", b"Rotate"];

/// Puts the pages of a document behind the form's own.
pub(super) fn attach(form: &mut IncrementalDocument, mut behind: Document) -> lopdf::Result<()> {
    behind.renumber_objects_with(form.new_document.max_id + 1);
    let root = pages_root(form.get_prev_documents())?;
    let pages: Vec<ObjectId> = behind.get_pages().into_values().collect();
    let mut whole = Vec::new();
    for page in &pages {
        let mut own = behind.get_dictionary(*page)?.clone();
        for key in INHERITED {
            if !own.has(key)
                && let Some(above) = inherited(&behind, &own, key)
            {
                own.set(key, above);
            }
        }
        own.set("Parent", root);
        // Marks of a structure that stays behind.
        for key in [&b"StructParents"[..], b"Tabs", b"Annots"] {
            own.remove(key);
        }
        whole.push((*page, own));
    }
    for (id, object) in &behind.objects {
        if !is_frame(object) {
            form.new_document.set_object(*id, object.clone());
        }
    }
    for (page, own) in whole {
        form.new_document.set_object(page, own);
    }
    form.new_document.max_id = behind.max_id;
    form.opt_clone_object_to_new_document(root)?;
    let count = i64::try_from(pages.len()).unwrap_or(0);
    let kids_at = form.new_document.get_dictionary(root)?.get(b"Kids")?.clone();
    let mut kids = match kids_at {
        Object::Reference(id) => form.get_prev_documents().get_object(id)?.as_array()?.clone(),
        other => other.as_array()?.clone(),
    };
    kids.extend(pages.into_iter().map(Object::Reference));
    let node = form.new_document.get_object_mut(root)?.as_dict_mut()?;
    let before = node.get(b"Count")?.as_i64()?;
    node.set("Kids", kids);
    node.set("Count", before + count);
    Ok(())
}

fn pages_root(document: &Document) -> lopdf::Result<ObjectId> {
    document.catalog()?.get(b"Pages")?.as_reference()
}

fn inherited(document: &Document, page: &Dictionary, key: &[u8]) -> Option<Object> {
    let mut at = page;
    for _ in 0..16 {
        at = document.get_dictionary(at.get(b"Parent").ok()?.as_reference().ok()?).ok()?;
        if let Ok(found) = at.get(key) {
            return Some(found.clone());
        }
    }
    None
}

/// Parts that hold the other document together and are not taken along.
fn is_frame(object: &Object) -> bool {
    let Ok(dictionary) = object.as_dict() else { return false };
    [&b"Catalog"[..], b"Pages", b"StructTreeRoot", b"StructElem", b"Page"].iter().any(|kind| dictionary.has_type(kind))
}
