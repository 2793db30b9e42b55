//! Forms as browsers post them, plain and multipart. The first line is the boundary; none means a plain form.
#![no_main]

#[path = "../../crates/vigil/src/web/file_name.rs"]
mod file_name;
#[path = "../../crates/vigil/src/web/form.rs"]
mod form;
#[path = "../../crates/vigil/src/web/upload.rs"]
mod upload;

use std::sync::LazyLock;

use axum::{body::Body, extract::Request};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

static RUNTIME: LazyLock<Runtime> =
    LazyLock::new(|| tokio::runtime::Builder::new_current_thread().build().expect("a runtime"));

fuzz_target!(|bytes: &[u8]| {
    let at = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let boundary = String::from_utf8_lossy(&bytes[..at]).into_owned();
    let body = bytes.get(at + 1..).unwrap_or_default().to_vec();
    let kind = if boundary.is_empty() {
        "application/x-www-form-urlencoded".to_owned()
    } else {
        format!("multipart/form-data; boundary={boundary}")
    };
    let Ok(request) = Request::post("/request/new").header("content-type", kind).body(Body::from(body)) else { return };
    if let Ok(read) = RUNTIME.block_on(upload::read(request)) {
        for file in &read.files {
            assert!(!file.name.contains(['/', '\\']) && !file.name.trim().is_empty(), "names lead nowhere");
            assert_eq!(upload::media_type(&file.bytes), Some(file.media_type));
        }
        assert!(read.files.iter().map(|f| f.bytes.len()).sum::<usize>() <= upload::LIMIT);
        let again = read.form.query_without(&[]);
        assert!(again.is_ascii(), "a query is ASCII");
    }
});
