//! TLS at Vigil's own doors: what it shows, whom it lets in, and the streams behind it. The cryptography is `ring`, named here and
//! nowhere left to a default.

mod door;
mod own;
mod stream;

pub use door::{Door, TlsFault};
pub use own::to_own_door;
pub use stream::Wire;
