//! How a connection begins: settings, then whatever proof of the password the server asks for.

use std::io::{Error, ErrorKind};

use fallible_iterator::FallibleIterator;
use postgres_protocol::{
    authentication::{
        md5_hash,
        sasl::{self, ChannelBinding, ScramSha256},
    },
    message::{
        backend::{AuthenticationSaslBody, Message},
        frontend,
    },
};

use super::line::{Line, said};
use crate::engine::fail::{EngineError, Result};

/// Enters: the server is ready for statements when this returns.
pub(crate) fn enter(line: &mut Line, settings: &[(&str, &str)], user: &str, password: Option<&str>) -> Result<()> {
    frontend::startup_message(settings.iter().copied(), line.outgoing())?;
    line.flush()?;
    loop {
        match line.next()? {
            Message::AuthenticationOk => return line.until_ready(),
            Message::AuthenticationCleartextPassword => {
                frontend::password_message(asked(password)?.as_bytes(), line.outgoing())?;
                line.flush()?;
            }
            Message::AuthenticationMd5Password(body) => {
                let proof = md5_hash(user.as_bytes(), asked(password)?.as_bytes(), body.salt());
                frontend::password_message(proof.as_bytes(), line.outgoing())?;
                line.flush()?;
            }
            Message::AuthenticationSasl(body) => scram(line, &body, asked(password)?)?,
            Message::ErrorResponse(body) => return Err(said(&body)),
            _ => return Err(refused("the server asks for a kind of sign-in that Vigil does not know")),
        }
    }
}

fn asked(password: Option<&str>) -> Result<&str> {
    password.ok_or_else(|| refused("the server asks for a password and none is set"))
}

fn refused(says: &str) -> EngineError {
    EngineError::Postgres { code: "28000".to_owned(), says: says.to_owned() }
}

fn scram(line: &mut Line, body: &AuthenticationSaslBody, password: &str) -> Result<()> {
    let mut offered = body.mechanisms();
    let mut known = false;
    while let Some(mechanism) = offered.next()? {
        known |= mechanism == sasl::SCRAM_SHA_256;
    }
    if !known {
        return Err(refused("the server offers no way to prove a password that Vigil knows"));
    }
    let mut proof = ScramSha256::new(password.as_bytes(), ChannelBinding::unsupported());
    frontend::sasl_initial_response(sasl::SCRAM_SHA_256, proof.message(), line.outgoing())?;
    line.flush()?;
    match line.next()? {
        Message::AuthenticationSaslContinue(body) => proof.update(body.data())?,
        Message::ErrorResponse(body) => return Err(said(&body)),
        _ => return Err(Error::from(ErrorKind::InvalidData).into()),
    }
    frontend::sasl_response(proof.message(), line.outgoing())?;
    line.flush()?;
    match line.next()? {
        Message::AuthenticationSaslFinal(body) => Ok(proof.finish(body.data())?),
        Message::ErrorResponse(body) => Err(said(&body)),
        _ => Err(Error::from(ErrorKind::InvalidData).into()),
    }
}
