//! Spans that a collector hears: whose trace they are in, what they say, and what they never say.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

use super::{client, house::House};

const SAMPLE: &[u8] = include_bytes!("../../../wire/tests/samples/home-oxygen.in.json");
const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

/// A collector: keeps the bodies it is sent, and answers as it is told to.
async fn collector(answer: &'static str) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    let heard = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&heard);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let body = request(stream, answer).await;
            keep.lock().unwrap().push(body);
        }
    });
    (at, heard)
}

async fn request(mut stream: TcpStream, answer: &str) -> String {
    let mut read = Vec::new();
    loop {
        stream.read_buf(&mut read).await.unwrap();
        let text = String::from_utf8_lossy(&read).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        assert!(head.starts_with("POST /v1/traces HTTP/1.1\r\n") && head.contains("Content-Type: application/json"));
        let length: usize =
            head.split("Content-Length: ").nth(1).unwrap().split("\r\n").next().unwrap().parse().unwrap();
        if body.len() >= length {
            stream.write_all(format!("HTTP/1.1 {answer}\r\nContent-Length: 2\r\n\r\n{{}}").as_bytes()).await.unwrap();
            return body.to_owned();
        }
    }
}

fn spans(heard: &[String]) -> Vec<Value> {
    let bodies = heard.iter().map(|body| serde_json::from_str::<Value>(body).unwrap());
    bodies.flat_map(|body| body["resourceSpans"][0]["scopeSpans"][0]["spans"].as_array().unwrap().clone()).collect()
}

fn attribute<'a>(span: &'a Value, key: &str) -> &'a Value {
    let all = span["attributes"].as_array().unwrap();
    &all.iter().find(|a| a["key"] == key).unwrap_or_else(|| panic!("{key} in {span}"))["value"]
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_a_span_in_its_senders_trace_and_says_nothing_of_anybody() {
    let (at, heard) = collector("200 OK").await;
    let house = House::open(&["--traces-endpoint", &at]).await;
    let token = format!("Bearer {}", house.token("clinic", &["pas"]).await);
    let parent = format!("00-{TRACE}-b7ad6b7169203331-01");
    let unfollowed = "00-1af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";
    for traceparent in [parent.as_str(), unfollowed] {
        let headers = [
            ("Authorization", token.as_str()),
            ("Content-Type", "application/fhir+json"),
            ("traceparent", traceparent),
        ];
        assert_eq!(client::send(house.at, "POST", "/pas/2.2/fhir/Claim/$submit", &headers, SAMPLE).await.status, 200);
    }
    assert_eq!(client::get(house.at, "/case/M100200300?q=Secretname", "").await.status, 303);
    house.close().await;
    let heard = heard.lock().unwrap().clone();
    let all = spans(&heard);
    let submitted: Vec<&Value> = all.iter().filter(|s| s["name"].as_str().unwrap().contains("$submit")).collect();
    assert_eq!(submitted.len(), 1, "what its sender does not follow is not told: {all:?}");
    let span = submitted[0];
    assert_eq!((&span["traceId"], &span["parentSpanId"]), (&TRACE.into(), &"b7ad6b7169203331".into()));
    assert_eq!((&span["kind"], &span["status"]), (&2.into(), &serde_json::json!({})));
    assert_eq!(attribute(span, "http.response.status_code")["intValue"], "200");
    assert_eq!(attribute(span, "http.request.method")["stringValue"], "POST");
    let nanos = |key: &str| span[key].as_str().unwrap().parse::<u128>().unwrap();
    assert!(nanos("endTimeUnixNano") > nanos("startTimeUnixNano"));
    let page = all.iter().find(|s| s["name"].as_str().unwrap().starts_with("GET /case/")).unwrap();
    assert!(page["name"].as_str().unwrap().contains('{'), "a template, no path: {page}");
    assert_eq!(page["traceId"].as_str().unwrap().len(), 32);
    assert!(
        heard.iter().all(|body| ["M100200300", "Secretname", "Rivera", "vigil_"].iter().all(|w| !body.contains(w)))
    );
    let resource = serde_json::from_str::<Value>(&heard[0]).unwrap()["resourceSpans"][0]["resource"].to_string();
    assert!(resource.contains("service.name") && resource.contains("service.instance.id"), "{resource}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_does_not_take_them_costs_the_spans_and_nothing_else() {
    for at in [collector("503 Busy").await.0, "http://127.0.0.1:9".to_owned()] {
        let house = House::open(&["--traces-endpoint", &at]).await;
        assert_eq!(client::get(house.at, "/health", "").await.status, 200);
        let app = house.app.clone();
        house.close().await;
        let dropped = app.traces.dropped.load(std::sync::atomic::Ordering::Relaxed);
        assert!(dropped >= 2 && app.traces.told.load(std::sync::atomic::Ordering::Relaxed) == 0, "{at}: {dropped}");
    }
}
