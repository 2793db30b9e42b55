//! A panic in a handler: one line in the log, an id in the answer, nothing of the inside.

use std::any::Any;

use axum::{
    body::Body,
    http::{Response, StatusCode, header},
};

use crate::observe;

/// The answer to a request whose handler panicked.
pub fn answer(panic: Box<dyn Any + Send + 'static>) -> Response<Body> {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&'static str>().copied())
        .unwrap_or("a panic without words");
    let id = observe::fault("answer a request (a panic)", &words);
    let mut response = Response::new(Body::from(format!("Something broke on our side. Number: {id}\n")));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
