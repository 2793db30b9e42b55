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
/// As much is written at once when there is room for several messages.
const READY_BYTES: usize = 16 * 1024;

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
        // What may leave leaves together: a message waits for no other, only for room.
        let mut ready = Vec::with_capacity(READY_BYTES);
        for message in messages {
            let place = match room.try_acquire() {
                Ok(place) => Ok(place),
                Err(_) => {
                    send_ready(&mut write, &mut ready).await?;
                    room.acquire().await
                }
            };
            if let Ok(place) = place {
                place.forget();
            }
            ready.extend_from_slice(&framed(message.as_bytes()));
            if ready.len() >= READY_BYTES {
                send_ready(&mut write, &mut ready).await?;
            }
        }
        send_ready(&mut write, &mut ready).await
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

async fn send_ready<W: AsyncWrite + Unpin>(write: &mut W, ready: &mut Vec<u8>) -> Result<(), FrameFault> {
    if !ready.is_empty() {
        write.write_all(ready).await?;
        write.flush().await?;
        ready.clear();
    }
    Ok(())
}
