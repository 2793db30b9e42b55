//! `vigil import`: the file, or the piece of one, sent along; each row accounted for in the report that is the answer.

use vigil_desk::import::{Piece, Report};

use super::{Failed, message::base_of};
use crate::{
    app::App,
    control::{ImportAsk, Input, Outlet},
    exit,
};

pub async fn import(app: &App, ask: &ImportAsk, inputs: Vec<Input>, outlet: &Outlet) -> Result<u8, Failed> {
    let mut report = Report::default();
    for input in inputs {
        let piece = Piece {
            tenant: &ask.tenant,
            name: &input.name,
            bytes: &input.bytes,
            first_line: ask.first_line,
            payer_id: &ask.payer_id,
            known: &ask.known,
            base: base_of(&ask.pas)?,
            again: ask.again,
        };
        app.desk.import_piece(&piece, &mut report).await?;
    }
    outlet.line(&serde_json::to_string(&report).map_err(|e| Failed::other(e.to_string()))?).await;
    Ok(exit::SUCCESS)
}
