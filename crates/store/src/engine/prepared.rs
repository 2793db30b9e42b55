//! A commit ready for a writer: compression and large files are done before it waits in the queue.

use crate::{
    StoreFault,
    body::Bodies,
    commit::{Commit, Document, NewMessage},
    packing::EventBody,
};

/// A message whose bodies are packed.
pub(crate) struct PackedMessage {
    pub(crate) message: NewMessage,
    pub(crate) request: Vec<u8>,
    pub(crate) response: Vec<u8>,
}

/// A document whose body is packed.
pub(crate) struct PackedDocument {
    pub(crate) document: Document,
    pub(crate) size: i64,
    pub(crate) body: Vec<u8>,
}

/// A commit ready for the writer.
pub(crate) struct Prepared {
    pub(crate) commit: Commit,
    /// The bodies of its events as their rows keep them.
    pub(crate) events: Vec<EventBody>,
    pub(crate) message: Option<PackedMessage>,
    pub(crate) documents: Vec<PackedDocument>,
}

impl Prepared {
    pub(crate) fn new(mut commit: Commit, bodies: &Bodies) -> Result<Self, StoreFault> {
        let message = commit.message.take().map(|mut message| {
            let (request, response) = (std::mem::take(&mut message.request), std::mem::take(&mut message.response));
            let (request, response) = bodies.pack_pair(&request, &response)?;
            Ok(PackedMessage { message, request, response })
        });
        let message = message.transpose()?;
        let documents = std::mem::take(&mut commit.documents);
        let documents = documents.into_iter().map(|document| PackedDocument::new(document, bodies));
        let packs = bodies.packs();
        let events = commit.events.iter().map(|event| EventBody::of(&event.body, packs)).collect();
        Ok(Self { documents: documents.collect::<Result<_, _>>()?, commit, events, message })
    }

    /// Whether preparing this commit may wait for the disk or for much compression.
    pub(crate) fn is_heavy(commit: &Commit) -> bool {
        let message = commit.message.as_ref().map_or(0, |m| m.request.len() + m.response.len());
        message + commit.documents.iter().map(|d| d.bytes.len()).sum::<usize>() > 256 * 1024
    }
}

impl PackedDocument {
    pub(crate) fn new(mut document: Document, bodies: &Bodies) -> Result<Self, StoreFault> {
        let bytes = std::mem::take(&mut document.bytes);
        Ok(Self { document, size: bytes.len() as i64, body: bodies.pack(&bytes)? })
    }
}
