//! The serving side of the control socket.

use std::{fs, os::unix::fs::PermissionsExt as _, path::Path};

use tokio::{
    io::BufReader,
    net::{UnixListener, UnixStream},
};

use super::{Ask, Envelope, Input, Outlet, Piece, frame, socket};
use crate::{app::App, perform};

/// The most bytes of files one command may send.
const MOST: usize = 2 << 30;

/// Opens the socket with mode 0600. The caller holds the lock of the data directory, so a socket that is there is a dead one.
///
/// # Errors
/// The system's.
pub fn open(data_dir: &Path) -> std::io::Result<UnixListener> {
    let path = socket(data_dir);
    match fs::remove_file(&path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let listener = UnixListener::bind(&path)?;
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Answers commands for as long as the process serves.
pub async fn serve(listener: UnixListener, app: App) {
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        let app = app.clone();
        tokio::spawn(async move {
            if let Err(error) = converse(stream, &app).await {
                tracing::debug!(%error, "a command went away before its answer was complete");
            }
        });
    }
}

async fn converse(mut stream: UnixStream, app: &App) -> std::io::Result<()> {
    let (reader, mut writer) = stream.split();
    let (ask, inputs) = match receive(&mut BufReader::new(reader)).await? {
        Ok(received) => received,
        Err(complaint) => {
            frame::write(&mut writer, frame::ERR, format!("{complaint}\n").as_bytes()).await?;
            return frame::write(&mut writer, frame::CODE, &[crate::exit::FAILURE]).await;
        }
    };
    let (outlet, mut pieces) = Outlet::new();
    let app = app.clone();
    let running = tokio::spawn(async move { perform::perform(&app, ask, inputs, &outlet).await });
    while let Some(piece) = pieces.recv().await {
        match piece {
            Piece::Out(bytes) => frame::write(&mut writer, frame::OUT, &bytes).await?,
            Piece::Err(bytes) => frame::write(&mut writer, frame::ERR, &bytes).await?,
        }
    }
    let code = running.await.unwrap_or(crate::exit::FAILURE);
    frame::write(&mut writer, frame::CODE, &[code]).await
}

type Received = Result<(Ask, Vec<Input>), String>;

async fn receive(reader: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<Received> {
    let mut envelope = None;
    let mut inputs: Vec<Input> = Vec::new();
    let mut size = 0;
    while let Some((kind, bytes)) = frame::read(reader).await? {
        size += bytes.len();
        if size > MOST {
            return Ok(Err(format!("more than {MOST} bytes: import the files one by one")));
        }
        match kind {
            frame::ASK => match serde_json::from_slice::<Envelope>(&bytes) {
                Ok(read) => envelope = Some(read),
                Err(error) => return Ok(Err(format!("the serving Vigil does not know this command: {error}"))),
            },
            frame::FILE => {
                inputs.push(Input { name: String::from_utf8_lossy(&bytes).into_owned(), bytes: Vec::new() });
            }
            frame::DATA => {
                if let Some(input) = inputs.last_mut() {
                    input.bytes.extend_from_slice(&bytes);
                }
            }
            _ => break,
        }
    }
    let ours = env!("CARGO_PKG_VERSION");
    Ok(match envelope {
        Some(Envelope { version, ask }) if version == ours => Ok((ask, inputs)),
        Some(Envelope { version, .. }) => {
            Err(format!("the serving Vigil is version {ours}, this command is version {version}: use the same"))
        }
        None => Err("no command came".into()),
    })
}
