//! `vigil health`: asks a serving Vigil whether it is alive, for containers and watchers.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use super::complain;
use crate::{
    exit,
    settings::Settings,
    tls::{self, Wire},
};

/// Nothing beside the settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil health --listen 127.0.0.1:8080\nExit codes: 0 alive, 1 not alive")]
pub struct Args {}

/// Asks `GET /health` at the address of the settings.
pub async fn run(_: Args, settings: &Settings) -> u8 {
    match timeout(Duration::from_secs(5), ask(settings)).await {
        Ok(Ok(true)) => exit::SUCCESS,
        Ok(Ok(false)) => complain(&"it answers, but not well", exit::FAILURE),
        Ok(Err(error)) => complain(&format!("{}: {error}", settings.listen), exit::FAILURE),
        Err(_) => complain(&"no answer in 5 seconds", exit::FAILURE),
    }
}

async fn ask(settings: &Settings) -> std::io::Result<bool> {
    let stream = TcpStream::connect(settings.listen).await?;
    let mut stream = match &settings.tls_certificate {
        Some(certificate) => tls::to_own_door(stream, certificate).await?,
        None => Wire::from(stream),
    };
    let request = format!("GET /health HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", settings.listen);
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    let read = stream.take(4096).read_to_end(&mut answer).await;
    // A server that closes TLS without saying so has still answered.
    if answer.is_empty() {
        read?;
    }
    Ok(answer.starts_with(b"HTTP/1.1 200"))
}
