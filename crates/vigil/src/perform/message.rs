//! `vigil submit` and `vigil inquire`: one message through the same desk as over HTTP.

use std::sync::Arc;

use vigil_desk::{Desk, Settings as DeskSettings, time::Time};
use vigil_wire::fhir::pas::Base;

use super::Failed;
use crate::{
    app::App,
    control::{Input, MessageAsk, Operation, Outlet},
    exit,
    open::membership,
    settings::{FromText as _, Membership},
};

pub async fn judge(app: &App, ask: MessageAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    let base = base_of(&ask.pas)?;
    let Some(input) = inputs.into_iter().next() else { return Err(Failed::usage("no message was given")) };
    if input.bytes.len() > app.settings.body_limit.0 {
        let limit = app.settings.body_limit.0;
        return Err(Failed::unreadable(format!("{} is larger than {limit} bytes (--body-limit)", input.name)));
    }
    let desk = desk(app, &ask)?;
    let received_at = desk.time.now();
    let answered = match ask.operation {
        Operation::Submit => desk.submit(&ask.tenant, base, &ask.sender, received_at, input.bytes).await?,
        Operation::Inquire => desk.inquire(&ask.tenant, base, &ask.sender, received_at, &input.bytes).await?,
    };
    let refused = answered.status >= 400;
    outlet.out(answered.body).await;
    outlet.out(*b"\n").await;
    Ok(if refused { exit::OUTCOME } else { exit::SUCCESS })
}

/// The version of the guide that a word names.
pub fn base_of(word: &str) -> Result<Base, Failed> {
    match word {
        "2.0" | "2.0.1" => Ok(Base::V20),
        "2.2" | "2.2.1" => Ok(Base::V22),
        other => Err(Failed::usage(format!("--pas {other:?}: expected 2.0 or 2.2"))),
    }
}

/// The desk, at another moment or with another membership when the command says so.
fn desk(app: &App, ask: &MessageAsk) -> Result<Desk, Failed> {
    let mut desk = app.desk.clone();
    if let Some(now) = ask.now {
        desk.time = Time::simulated(now);
    }
    if let Some(word) = &ask.membership {
        let setting = Membership::from_text(word)
            .map_err(|expected| Failed::usage(format!("--membership {word:?}: expected {expected}")))?;
        desk.settings = Arc::new(DeskSettings { membership: membership(setting), ..(*desk.settings).clone() });
    }
    Ok(desk)
}
