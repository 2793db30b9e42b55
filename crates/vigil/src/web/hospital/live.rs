//! Tells open pages that something was written, within a fraction of a second: one small stream a page, no patient in it.
//! The page then asks for its own list again, with its own permissions.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use futures_util::stream;

use crate::{access::SignedIn, app::App, web::error::PageError};

/// How often the log's position is read for a page.
const EVERY: Duration = Duration::from_millis(250);
/// A stream ends after so many readings (a minute) and the browser opens another, so that sign-out and shutdown take hold.
const READINGS: u32 = 240;

/// `GET /live`: an event stream whose messages carry nothing but the log's position.
///
/// # Errors
/// A fault of the store.
pub async fn changes(State(app): State<App>, who: SignedIn) -> Result<Response, PageError> {
    super::may_read(&who)?;
    let start = app.desk.store.watermark()?;
    let opening = stream::once(async { Ok::<_, Infallible>(Bytes::from_static(b"retry: 500\n\n")) });
    let following = stream::unfold((app, start, 0), |(app, seen, readings)| async move {
        if readings >= READINGS {
            return None;
        }
        tokio::time::sleep(EVERY).await;
        let position = app.desk.store.watermark().unwrap_or(seen);
        let message =
            if position == seen { Bytes::from_static(b":\n\n") } else { format!("data: {position}\n\n").into() };
        Some((Ok::<_, Infallible>(message), (app, position, readings + 1)))
    });
    let body = Body::from_stream(stream::StreamExt::chain(opening, following));
    let mut response = body.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}
