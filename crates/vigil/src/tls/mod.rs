//! TLS at Vigil's own doors: what it shows, whom it lets in, and the streams behind it. The cryptography is `ring`, named here and
//! nowhere left to a default.

mod door;
mod own;
mod stream;

pub use door::{Door, TlsFault};
pub use own::to_own_door;
pub use stream::Wire;

/// Takes a connection in: through its door, where there is one, and with every answer sent at once.
///
/// # Errors
/// Why not, in words for the log.
pub async fn come_in(door: Option<&Door>, stream: tokio::net::TcpStream) -> Result<Wire, String> {
    let _slower = stream.set_nodelay(true);
    match door {
        Some(door) => door.enter(stream).await,
        None => Ok(Wire::from(stream)),
    }
}
