//! The asking side of the control socket.

use std::path::Path;

use tokio::{io::BufReader, net::UnixStream};

use super::{Ask, Envelope, Input, Outlet, frame, socket};

/// Connects to whoever serves the data directory; none when nobody does.
pub async fn connect(data_dir: &Path) -> Option<UnixStream> {
    UnixStream::connect(socket(data_dir)).await.ok()
}

/// Sends the command, passes on what comes back and gives the exit code.
///
/// # Errors
/// The system's, and a server that went away.
pub async fn ask(mut stream: UnixStream, ask: Ask, inputs: &[Input], outlet: &Outlet) -> std::io::Result<u8> {
    let (reader, mut writer) = stream.split();
    let envelope = Envelope { version: env!("CARGO_PKG_VERSION").into(), ask };
    frame::write(&mut writer, frame::ASK, &serde_json::to_vec(&envelope)?).await?;
    for input in inputs {
        frame::write(&mut writer, frame::FILE, input.name.as_bytes()).await?;
        frame::write(&mut writer, frame::DATA, &input.bytes).await?;
    }
    frame::write(&mut writer, frame::END, b"").await?;
    let mut reader = BufReader::new(reader);
    while let Some((kind, bytes)) = frame::read(&mut reader).await? {
        match kind {
            frame::OUT => outlet.out(bytes).await,
            frame::ERR => outlet.say(String::from_utf8_lossy(&bytes).trim_end_matches('\n')).await,
            _ => return Ok(bytes.first().copied().unwrap_or(crate::exit::FAILURE)),
        }
    }
    Err(std::io::Error::new(std::io::ErrorKind::UnexpectedEof, "the serving Vigil went away before it answered"))
}
