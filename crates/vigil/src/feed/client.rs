//! An MLLP client: sends messages over one connection, some ahead of their answers, and gives the answers in order.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    sync::Semaphore,
};

use super::frame::{FrameFault, Frames, framed};

/// The largest answer read.
const ANSWER_BYTES: usize = 1024 * 1024;

/// Sends all messages and gives their acknowledgements; at most `ahead` are on their way unanswered (1: one at a time, as most
/// senders do).
///
/// # Errors
/// The connection broke or was closed before every answer had come.
pub async fn send(address: SocketAddr, messages: &[String], ahead: usize) -> Result<Vec<String>, FrameFault> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    send_over(stream, messages, ahead).await
}

/// The same over a stream that is there, as one under TLS.
///
/// # Errors
/// As [`send`].
pub async fn send_over<S>(stream: S, messages: &[String], ahead: usize) -> Result<Vec<String>, FrameFault>
where
    S: AsyncRead + AsyncWrite,
{
    let (read, mut write) = tokio::io::split(stream);
    let room = Semaphore::new(ahead.max(1));
    let sending = async {
        for message in messages {
            if let Ok(place) = room.acquire().await {
                place.forget();
            }
            write.write_all(&framed(message.as_bytes())).await?;
            write.flush().await?;
        }
        Ok::<(), FrameFault>(())
    };
    let reading = async {
        let mut frames = Frames::new(read, ANSWER_BYTES);
        let mut answers = Vec::with_capacity(messages.len());
        while answers.len() < messages.len() {
            let answer = frames.next().await?;
            answers.push(String::from_utf8_lossy(&answer).into_owned());
            room.add_permits(1);
        }
        Ok::<Vec<String>, FrameFault>(answers)
    };
    let ((), answers) = tokio::try_join!(sending, reading)?;
    Ok(answers)
}
