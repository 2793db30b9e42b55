//! How things travel on the socket: one letter of kind, four bytes of length, the bytes.

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

/// The command, as JSON.
pub const ASK: u8 = b'a';
/// A file begins: its name.
pub const FILE: u8 = b'f';
/// More bytes of the file.
pub const DATA: u8 = b'd';
/// The command is whole.
pub const END: u8 = b'.';
/// Standard output.
pub const OUT: u8 = b'o';
/// Standard error.
pub const ERR: u8 = b'e';
/// The exit code: one byte. Nothing follows.
pub const CODE: u8 = b'x';

/// The largest piece; files are cut into such.
pub const LARGEST: usize = 1 << 20;

/// Writes one frame.
///
/// # Errors
/// The system's.
pub async fn write(to: &mut (impl AsyncWrite + Unpin), kind: u8, bytes: &[u8]) -> std::io::Result<()> {
    for (index, piece) in bytes.chunks(LARGEST).enumerate() {
        head(to, if index > 0 && kind == FILE { DATA } else { kind }, piece.len()).await?;
        to.write_all(piece).await?;
    }
    if bytes.is_empty() {
        head(to, kind, 0).await?;
    }
    to.flush().await
}

async fn head(to: &mut (impl AsyncWrite + Unpin), kind: u8, length: usize) -> std::io::Result<()> {
    to.write_u8(kind).await?;
    to.write_u32(u32::try_from(length).unwrap_or(u32::MAX)).await
}

/// Reads one frame; none at the end of the stream.
///
/// # Errors
/// The system's, and a frame that is larger than any of ours.
pub async fn read(from: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Option<(u8, Vec<u8>)>> {
    let kind = match from.read_u8().await {
        Ok(kind) => kind,
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    };
    let length = from.read_u32().await? as usize;
    if length > LARGEST {
        return Err(std::io::Error::new(std::io::ErrorKind::InvalidData, "a frame is too large"));
    }
    let mut bytes = vec![0; length];
    from.read_exact(&mut bytes).await?;
    Ok(Some((kind, bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_written_is_read_in_pieces() {
        let (mut here, mut there) = tokio::io::duplex(4 * LARGEST);
        let big = vec![7; LARGEST + 3];
        write(&mut here, ASK, b"{}").await.unwrap();
        write(&mut here, DATA, &big).await.unwrap();
        write(&mut here, END, b"").await.unwrap();
        drop(here);
        let mut seen = Vec::new();
        while let Some((kind, bytes)) = read(&mut there).await.unwrap() {
            seen.push((kind, bytes.len()));
        }
        assert_eq!(seen, [(ASK, 2), (DATA, LARGEST), (DATA, 3), (END, 0)]);
    }

    #[tokio::test]
    async fn a_frame_that_is_too_large_or_cut_is_an_error() {
        let large = [b'a', 0xff, 0xff, 0xff, 0xff];
        assert!(read(&mut large.as_slice()).await.is_err());
        let cut = [b'a', 0, 0, 0, 9, 1];
        assert!(read(&mut cut.as_slice()).await.is_err());
        assert!(read(&mut [].as_slice()).await.unwrap().is_none());
    }
}
