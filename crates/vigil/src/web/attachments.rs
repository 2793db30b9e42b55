//! Files that came with a form, as the domain's documents and as bytes for the store.

use vigil_domain::evidence::Document;

use super::upload::Sent;

/// The documents of the domain, and their bytes for the store.
pub fn keep(files: Vec<Sent>) -> (Vec<Document>, Vec<vigil_store::Document>) {
    files
        .into_iter()
        .map(|file| {
            let digest = vigil_store::digest_of(&file.bytes);
            let document = Document {
                digest: Some(digest.clone()),
                title: file.name.clone(),
                media_type: file.media_type.to_owned(),
                size: file.bytes.len() as u64,
                on: None,
                place: format!("upload/{}", &digest[..12]),
            };
            let kept = vigil_store::Document {
                digest,
                media_type: file.media_type.to_owned(),
                name: file.name,
                bytes: file.bytes,
            };
            (document, kept)
        })
        .unzip()
}
