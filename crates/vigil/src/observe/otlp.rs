//! Telling spans to a collector: OpenTelemetry's protocol over HTTP, in its JSON form, some hundred spans a time.

use std::{
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    sync::{mpsc::Receiver, oneshot},
    time::timeout,
};

use super::traces::{Kind, Span, Word};
use crate::{
    access::secret::{self, hex},
    app::App,
    settings::Collector,
};

/// Spans told at once.
const MOST: usize = 512;
/// How long spans are gathered before they are told.
const GATHER: Duration = Duration::from_secs(1);
/// How long a collector may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often the log says that a collector does not answer.
const COMPLAIN: Duration = Duration::from_secs(60);

/// Tells what is laid until `stop` comes, then what is left.
pub async fn tell(app: App, to: Collector, mut spans: Receiver<Span>, mut stop: oneshot::Receiver<()>) {
    let node = secret::letters::<8>();
    let mut complained: Option<Instant> = None;
    let mut going = true;
    while going {
        let mut batch = Vec::with_capacity(MOST);
        let gathered = async {
            spans.recv_many(&mut batch, MOST).await;
            let more = async { while batch.len() < MOST && spans.recv_many(&mut batch, MOST).await > 0 {} };
            let _full = timeout(GATHER, more).await;
        };
        tokio::select! {
            () = gathered => {}
            _ = &mut stop => going = false,
        }
        while !going && batch.len() < MOST * 8 {
            let Ok(span) = spans.try_recv() else { break };
            batch.push(span);
        }
        if batch.is_empty() {
            continue;
        }
        let count = batch.len() as u64;
        match post(&to, form(&node, &batch).to_string().as_bytes()).await {
            Ok(()) => {
                app.traces.told.fetch_add(count, Relaxed);
            }
            Err(why) => {
                app.traces.dropped.fetch_add(count, Relaxed);
                if complained.is_none_or(|at| at.elapsed() > COMPLAIN) {
                    complained = Some(Instant::now());
                    tracing::warn!(collector = to.at, why, "traces are not taken; they are dropped and counted");
                }
            }
        }
    }
}

async fn post(to: &Collector, body: &[u8]) -> Result<(), String> {
    let asked = async {
        let mut stream = TcpStream::connect(&to.at).await?;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            to.path,
            to.at,
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        stream.write_all(body).await?;
        let mut answer = Vec::new();
        stream.take(4096).read_to_end(&mut answer).await?;
        Ok::<Vec<u8>, std::io::Error>(answer)
    };
    let answer = match timeout(PATIENCE, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string())?,
        Err(_) => return Err(format!("no answer in {} seconds", PATIENCE.as_secs())),
    };
    let line = String::from_utf8_lossy(answer.split(|b| *b == b'\r').next().unwrap_or_default()).into_owned();
    if line.split(' ').nth(1).is_some_and(|status| status.starts_with('2')) {
        Ok(())
    } else {
        Err(format!("it answers {line:?}"))
    }
}

fn word(key: &str, word: &Word) -> Value {
    match word {
        Word::Text(text) => json!({"key": key, "value": {"stringValue": text}}),
        // A 64-bit number is text in this form.
        Word::Number(number) => json!({"key": key, "value": {"intValue": number.to_string()}}),
    }
}

/// The request of the protocol.
fn form(node: &str, spans: &[Span]) -> Value {
    let resource =
        [("service.name", "vigil"), ("service.version", env!("CARGO_PKG_VERSION")), ("service.instance.id", node)];
    let resource: Vec<Value> = resource.iter().map(|(key, text)| word(key, &Word::Text((*text).to_owned()))).collect();
    let spans: Vec<Value> = spans.iter().map(span).collect();
    let scope = json!({"name": "vigil", "version": env!("CARGO_PKG_VERSION")});
    json!({"resourceSpans": [{"resource": {"attributes": resource}, "scopeSpans": [{"scope": scope, "spans": spans}]}]})
}

fn span(span: &Span) -> Value {
    let began = span.began.as_nanosecond();
    let ended = began + i128::try_from(span.took.as_nanos()).unwrap_or(0);
    json!({
        "traceId": hex(&span.trace),
        "spanId": hex(&span.id),
        "parentSpanId": span.parent.map(|id| hex(&id)).unwrap_or_default(),
        "name": span.name,
        "kind": match span.kind { Kind::Internal => 1, Kind::Server => 2 },
        "startTimeUnixNano": began.to_string(),
        "endTimeUnixNano": ended.to_string(),
        "attributes": span.words.iter().map(|(key, said)| word(key, said)).collect::<Vec<_>>(),
        "status": if span.failed { json!({"code": 2}) } else { json!({}) },
    })
}
