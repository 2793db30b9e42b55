//! `GET /metrics`: the counters and the store's figures in the Prometheus text format. A bearer token with the scope `metrics`
//! opens it, or an address of its own that only the watchers reach.

use std::{
    fmt::Write as _,
    sync::{Arc, atomic::Ordering::Relaxed},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use vigil_store::{Kept, Pulse};

use crate::{
    access::token,
    app::App,
    observe::{
        FAULTS,
        metrics::{BOUNDS, Limit, Metrics, Series, Task},
        traces::Traces,
    },
};

/// The first version of the text format, which every reader of Prometheus metrics reads.
const FORMAT: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// `/metrics` behind a token.
pub fn routes() -> Router<App> {
    Router::new().route("/metrics", get(with_token))
}

/// `/metrics` without a token: for the address of `--metrics-listen`.
pub fn open_routes(app: &App) -> Router {
    Router::new().route("/metrics", get(open)).merge(super::health::routes()).with_state(app.clone())
}

async fn with_token(State(app): State<App>, headers: HeaderMap) -> Response {
    match token::bearer(&app, &headers, token::METRICS) {
        Ok(Ok(_)) => answer(app).await,
        Ok(Err(_)) => {
            let challenge = [(header::WWW_AUTHENTICATE, "Bearer realm=\"vigil\", scope=\"metrics\"")];
            (StatusCode::UNAUTHORIZED, challenge, "A token with the scope metrics opens this.\n").into_response()
        }
        Err(fault) => broken(&fault),
    }
}

async fn open(State(app): State<App>) -> Response {
    answer(app).await
}

async fn answer(app: App) -> Response {
    // Counting may read some megabytes of indexes: not on a thread that answers others.
    let told = tokio::task::spawn_blocking(move || {
        let now = app.desk.time.now();
        let kept = app.metrics.kept(|| app.desk.store.kept(now));
        let feeds = app.desk.all_feeds(now);
        (app, kept.and_then(|kept| Ok((kept, feeds?))))
    });
    let Ok((app, kept)) = told.await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    match kept {
        Ok((kept, feeds)) => {
            let mut page = Page::default();
            process(&mut page, &app);
            http(&mut page, &app.metrics);
            tasks(&mut page, &app.metrics);
            writer(&mut page, &app.desk.store.pulse());
            traces(&mut page, &app.traces);
            store(&mut page, &kept);
            hospitals(&mut page, &feeds);
            let kind = [(header::CONTENT_TYPE, FORMAT), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (kind, page.0).into_response()
        }
        Err(fault) => broken(&fault),
    }
}

/// Feeds of hospitals, of all tenants: the labels are the facility's id, which is no patient's, and the tenant's.
fn hospitals(page: &mut Page, feeds: &[(String, vigil_desk::hospital::pulse::FeedState)]) {
    let heard = feeds.iter().filter_map(|(tenant, feed)| Some((tenant, feed, feed.heard_at?)));
    page.about(
        "vigil_feed_heard_timestamp_seconds",
        "gauge",
        "When a hospital's feed was last heard, half a minute exact.",
    );
    for (tenant, feed, at) in heard {
        let labels = [("facility", feed.facility.id.as_str()), ("tenant", tenant)];
        page.sample("vigil_feed_heard_timestamp_seconds", &labels, at.as_second());
    }
    page.about("vigil_feed_silent", "gauge", "1 while a hospital's watched feed is silent although it should speak.");
    for (tenant, feed) in feeds.iter().filter(|(_, feed)| feed.facility.feed_watch.is_some()) {
        let silent = u8::from(feed.silent_since.is_some());
        page.sample("vigil_feed_silent", &[("facility", feed.facility.id.as_str()), ("tenant", tenant)], silent);
    }
}

fn broken(fault: &vigil_store::StoreFault) -> Response {
    tracing::warn!(%fault, "metrics cannot be told");
    (StatusCode::SERVICE_UNAVAILABLE, "The store does not answer.\n").into_response()
}

/// A page of the text format under way.
#[derive(Default)]
struct Page(String);

impl Page {
    fn about(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl std::fmt::Display) {
        self.0.push_str(name);
        for (place, (label, text)) in labels.iter().enumerate() {
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{}{label}=\"{text}\"", if place == 0 { '{' } else { ',' });
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: impl std::fmt::Display) {
        self.about(name, kind, help);
        self.sample(name, &[], value);
    }
}

fn seconds(micros: u64) -> f64 {
    micros as f64 / 1e6
}

fn process(page: &mut Page, app: &App) {
    page.about("vigil_build_info", "gauge", "The running Vigil and its law library.");
    let library = app.desk.library.digest.get(..12).unwrap_or_default();
    page.sample("vigil_build_info", &[("version", env!("CARGO_PKG_VERSION")), ("library", library)], 1);
    let began = app.metrics.began_at.as_second();
    page.one("process_start_time_seconds", "gauge", "When the process began, since 1970.", began);
    if let Some(bytes) = resident() {
        page.one("process_resident_memory_bytes", "gauge", "Memory of the process.", bytes);
    }
    if let Ok(open) = std::fs::read_dir("/proc/self/fd") {
        page.one("process_open_fds", "gauge", "Open file handles.", open.count());
    }
}

/// Resident memory as Linux tells it: pages of 4 KiB on the machines Vigil is built for.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kib| kib * 1024)
}

fn http(page: &mut Page, metrics: &Metrics) {
    page.one("vigil_http_in_flight", "gauge", "Requests being answered.", metrics.in_flight.load(Relaxed));
    page.one("vigil_http_connections", "gauge", "Connections open.", metrics.connections.load(Relaxed));
    let taken = metrics.connections_taken.load(Relaxed);
    page.one("vigil_http_connections_total", "counter", "Connections taken.", taken);
    page.about("vigil_http_limited_total", "counter", "Requests and connections that a limit turned away or ended.");
    for (limit, label) in Limit::ALL {
        page.sample("vigil_http_limited_total", &[("limit", label)], metrics.times_limited(limit));
    }
    let routes = metrics.routes();
    page.about("vigil_http_requests_total", "counter", "Answers by method, route template and class of status.");
    for ((method, route), series) in &routes {
        for (class, count) in series.by_class.iter().enumerate().map(|(n, count)| (n, count.load(Relaxed))) {
            if count > 0 {
                let status = format!("{class}xx");
                let labels = [("method", *method), ("route", route.as_str()), ("status", status.as_str())];
                page.sample("vigil_http_requests_total", &labels, count);
            }
        }
    }
    page.about("vigil_http_request_seconds", "histogram", "Time from the head of a request to the head of its answer.");
    for ((method, route), series) in &routes {
        histogram(page, method, route, series);
    }
}

fn histogram(page: &mut Page, method: &str, route: &str, series: &Arc<Series>) {
    let mut below = 0;
    for (bucket, bound) in series.buckets.iter().zip(BOUNDS.iter().map(Some).chain([None])) {
        below += bucket.load(Relaxed);
        let bound = bound.map_or("+Inf".to_owned(), |micros| seconds(*micros).to_string());
        let labels = [("method", method), ("route", route), ("le", bound.as_str())];
        page.sample("vigil_http_request_seconds_bucket", &labels, below);
    }
    let labels = [("method", method), ("route", route)];
    page.sample("vigil_http_request_seconds_sum", &labels, seconds(series.micros.load(Relaxed)));
    page.sample("vigil_http_request_seconds_count", &labels, below);
}

fn tasks(page: &mut Page, metrics: &Metrics) {
    type Read = fn(&crate::observe::metrics::Rounds) -> String;
    let rows: [(&str, &str, &str, Read); 5] = [
        ("vigil_task_rounds_total", "counter", "Rounds of the tasks beside the answers.", |r| {
            r.done.load(Relaxed).to_string()
        }),
        ("vigil_task_rounds_failed_total", "counter", "Rounds that failed and are tried again.", |r| {
            r.failed.load(Relaxed).to_string()
        }),
        ("vigil_task_done_total", "counter", "Deadlines, errands and seals that were done.", |r| {
            r.things.load(Relaxed).to_string()
        }),
        ("vigil_task_put_back_total", "counter", "Deadlines and errands that failed and are tried again.", |r| {
            r.put_back.load(Relaxed).to_string()
        }),
        ("vigil_task_last_round_seconds", "gauge", "When the last round went through, since 1970.", |r| {
            r.last_done.load(Relaxed).to_string()
        }),
    ];
    for (name, kind, help, value) in rows {
        page.about(name, kind, help);
        for (task, label) in Task::ALL {
            page.sample(name, &[("task", label)], value(metrics.task(task)));
        }
    }
    page.one("vigil_faults_total", "counter", "Faults logged with a number.", FAULTS.load(Relaxed));
}

fn writer(page: &mut Page, pulse: &Pulse) {
    page.one("vigil_store_queue_depth", "gauge", "Writes that wait or are being written.", pulse.waiting);
    page.one("vigil_store_queue_room", "gauge", "Writes that may wait before others are turned away.", pulse.room);
    let stalled = pulse.stalled.as_secs_f64();
    page.one("vigil_store_stalled_seconds", "gauge", "How long writes wait without one being answered.", stalled);
    page.one("vigil_store_writes_total", "counter", "Writes answered.", pulse.answered);
    page.one("vigil_store_writes_failed_total", "counter", "Writes that failed because the world broke.", pulse.failed);
    let away = pulse.turned_away;
    page.one("vigil_store_writes_turned_away_total", "counter", "Writes turned away because the queue was full.", away);
    page.one("vigil_store_commits_total", "counter", "Durable transactions.", pulse.transactions);
}

fn traces(page: &mut Page, traces: &Traces) {
    if traces.are_on() {
        page.one("vigil_traces_told_total", "counter", "Spans that a collector took.", traces.told.load(Relaxed));
        page.one("vigil_traces_dropped_total", "counter", "Spans that none took.", traces.dropped.load(Relaxed));
    }
}

fn store(page: &mut Page, kept: &Kept) {
    page.one("vigil_events_total", "counter", "Events in the log.", kept.events);
    page.one("vigil_events_unsealed", "gauge", "Events after the last checkpoint.", kept.unsealed_events);
    page.one("vigil_cases_open", "gauge", "Cases with work to do.", kept.open_cases);
    page.one("vigil_cases_late", "gauge", "Open cases of which a due time has passed.", kept.late_cases);
    page.one("vigil_deadlines_due", "gauge", "Deadlines that came and that nobody acted on.", kept.deadlines_due);
    page.one("vigil_errands_waiting", "gauge", "Errands not done.", kept.errands_waiting);
    page.one("vigil_errands_failing", "gauge", "Errands not done that failed at least once.", kept.errands_failing);
    let at = |moment: Option<vigil_domain::time::Moment>| moment.map_or(0, |at| at.as_second());
    let oldest = "The oldest deadline that came and that nobody acted on, since 1970; 0 when there is none.";
    page.one("vigil_deadlines_oldest_due_seconds", "gauge", oldest, at(kept.oldest_deadline));
    let oldest = "When the oldest waiting errand could have been taken, since 1970; 0 when there is none.";
    page.one("vigil_errands_oldest_seconds", "gauge", oldest, at(kept.oldest_errand));
    page.one(
        "vigil_checkpoint_last_seconds",
        "gauge",
        "The last checkpoint, since 1970; 0 before the first.",
        at(kept.last_checkpoint),
    );
    page.about("vigil_store_bytes", "gauge", "Size of the store's files, large bodies apart.");
    page.sample("vigil_store_bytes", &[("part", "database")], kept.database_bytes);
    page.sample("vigil_store_bytes", &[("part", "log")], kept.log_bytes);
    page.about(
        "vigil_counted_total",
        "counter",
        "What the measures count: received, decided, decision_lapsed and so on.",
    );
    for (line_of_business, urgency, what, count) in &kept.counted {
        let labels = [("line_of_business", line_of_business.as_str()), ("urgency", urgency), ("what", what)];
        page.sample("vigil_counted_total", &labels, count);
    }
    page.about("vigil_clock_breaches_total", "counter", "Legal clocks that lapsed, by what they watch.");
    for (watches, key) in [("decision", "decision_lapsed"), ("notice", "notice_lapsed")] {
        let count: u64 = kept.counted.iter().filter(|(.., what, _)| what == key).map(|(.., count)| count).sum();
        page.sample("vigil_clock_breaches_total", &[("watches", watches)], count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_the_format_says() {
        let metrics = Metrics::new(vigil_domain::time::Moment::UNIX_EPOCH);
        metrics.answered("POST", "/a\"b\\", 200, std::time::Duration::from_millis(3));
        let mut page = Page::default();
        http(&mut page, &metrics);
        tasks(&mut page, &metrics);
        writer(&mut page, &Pulse::default());
        let counted = ("chip".to_owned(), "standard".to_owned(), "decision_lapsed".to_owned(), 3);
        store(&mut page, &Kept { counted: vec![counted], ..Kept::default() });
        assert!(page.0.contains("route=\"/a\\\"b\\\\\",le=\"0.0025\"} 0\n"), "{}", page.0);
        assert!(page.0.contains("route=\"/a\\\"b\\\\\",le=\"0.005\"} 1\n"), "{}", page.0);
        assert!(page.0.contains("le=\"+Inf\"} 1\n"));
        assert!(page.0.contains("vigil_clock_breaches_total{watches=\"decision\"} 3\n"));
        for line in page.0.lines().filter(|line| !line.starts_with('#')) {
            let (name, value) = line.rsplit_once(' ').expect("a name and a value");
            assert!(value.parse::<f64>().is_ok() && name.starts_with("vigil_"), "{line}");
        }
    }
}
