//! `vigil feed`: parked messages listed, shown, replayed.

use serde_json::json;
use vigil_desk::hospital::feed::Outcome;
use vigil_store::{MessageNote, TrailEntry, Write, WriteItem};

use super::Failed;
use crate::{
    app::App,
    control::{FeedAsk, Outlet},
    exit,
};

/// Most messages replayed in one go.
const ALL: usize = 100_000;

pub async fn feed(app: &App, ask: FeedAsk, outlet: &Outlet) -> Result<u8, Failed> {
    match ask {
        FeedAsk::Parked { tenant, limit, json } => parked(app, &tenant, limit, json, outlet).await,
        FeedAsk::Show { tenant, key } => show(app, &tenant, &key, outlet).await,
        FeedAsk::Replay { tenant, key, json } => replay(app, &tenant, key.as_deref(), json, outlet).await,
    }
}

fn hex(key: &[u8; 32]) -> String {
    vigil_desk::ids::hex(key)
}

fn key_of(text: &str) -> Result<[u8; 32], Failed> {
    let digit = |c: u8| (c as char).to_digit(16).and_then(|d| u8::try_from(d).ok());
    let digits: Option<Vec<u8>> = text.bytes().map(digit).collect();
    let bytes: Option<Vec<u8>> =
        digits.filter(|d| d.len() == 64).map(|d| d.chunks(2).map(|p| p[0] << 4 | p[1]).collect());
    let key = bytes.and_then(|b| b.try_into().ok());
    key.ok_or_else(|| Failed::usage("a key is 64 hexadecimal digits, as vigil feed parked prints it"))
}

async fn parked(app: &App, tenant: &str, limit: usize, json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let notes = app.desk.parked(tenant, limit)?;
    for note in &notes {
        let why = if note.status == 415 { "not supported" } else { "data at fault" };
        if json {
            let line = json!({
                "key": hex(&note.key), "received_at": note.received_at, "sender": note.sender, "why": why,
            });
            outlet.line(&line.to_string()).await;
        } else {
            outlet.line(&format!("{} {} {} {why}", hex(&note.key), note.received_at, note.sender)).await;
        }
    }
    if notes.is_empty() && !json {
        outlet.say("no message is parked").await;
    }
    Ok(exit::SUCCESS)
}

async fn show(app: &App, tenant: &str, key: &str, outlet: &Outlet) -> Result<u8, Failed> {
    let Some(stored) = app.desk.store.message(tenant, &key_of(key)?)? else {
        return Err(Failed::usage("there is no message with this key"));
    };
    let entry = TrailEntry {
        at: app.desk.time.now(),
        actor: "command line".into(),
        action: "feed-message-read".into(),
        detail: key.to_owned(),
        subjects: stored.subject.into_iter().collect(),
    };
    app.desk.store.write(Write::of(tenant, vec![WriteItem::Trail(entry)])).await?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\r', "\n");
    outlet.line(text(&stored.message.request).trim_end()).await;
    outlet.say(text(&stored.message.response).trim_end()).await;
    Ok(exit::SUCCESS)
}

async fn replay(app: &App, tenant: &str, key: Option<&str>, json: bool, outlet: &Outlet) -> Result<u8, Failed> {
    let keys: Vec<[u8; 32]> = match key {
        Some(key) => vec![key_of(key)?],
        None => app.desk.parked(tenant, ALL)?.iter().map(|n: &MessageNote| n.key).collect(),
    };
    let books = app.desk.feed_books(tenant)?;
    let mut left = 0;
    for key in keys {
        let Some(fed) = app.desk.replay_parked(tenant, &books, &key).await? else {
            return Err(Failed::usage("there is no message with this key"));
        };
        let (word, stays) = match fed.outcome {
            Outcome::Taken(stays) => ("taken", stays),
            Outcome::Nothing => ("nothing to do", Vec::new()),
            Outcome::Again => ("taken before", Vec::new()),
            Outcome::Parked => ("still parked", Vec::new()),
            Outcome::Busy(_) => ("the store is busy", Vec::new()),
        };
        left += usize::from(matches!(word, "still parked" | "the store is busy"));
        let faults: Vec<&str> = fed.ack.split('\r').filter(|s| s.starts_with("ERR")).collect();
        if json {
            outlet
                .line(&json!({ "key": hex(&key), "outcome": word, "stays": stays, "faults": faults }).to_string())
                .await;
        } else {
            outlet.line(format!("{} {word} {}", hex(&key), stays.join(" ")).trim_end()).await;
            for fault in faults {
                outlet.say(&format!("  {fault}")).await;
            }
        }
    }
    Ok(if left == 0 { exit::SUCCESS } else { exit::FAILURE })
}
