//! The MLLP server: several connections, each read ahead, each answered in order. An acknowledgement leaves only when what it
//! says is on the disk.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{RwLock, Semaphore, mpsc, watch},
    task::JoinHandle,
    time::timeout,
};
use vigil_desk::{
    Desk, MAIN_TENANT,
    hospital::{
        books::FeedBooks,
        feed::{Fed, Outcome},
    },
};
use vigil_domain::time::Moment;

use super::{
    frame::{FrameFault, Frames, framed},
    lanes::Lanes,
};
use crate::tls::{self, Door};

/// Connections served at once.
const CONNECTIONS: usize = 256;
/// Messages of one connection in work at once: as many as share a transaction.
const AHEAD: usize = 256;
/// How long the rest of a begun message may take.
const FRAME_SECONDS: u64 = 60;
/// How long a connection gets for its running answers when the process is asked to stop.
const DRAIN_SECONDS: u64 = 10;
/// How long facility records are used before they are read again, in milliseconds.
const BOOKS_MILLIS: i64 = 2_000;

/// What all connections of a feed share.
pub struct Feed {
    desk: Desk,
    lanes: Lanes,
    limit: usize,
    books: RwLock<(Moment, Arc<FeedBooks>)>,
}

impl Feed {
    /// A feed into a desk; messages above `limit` bytes are refused.
    pub fn new(desk: Desk, limit: usize) -> Arc<Self> {
        let books = RwLock::new((Moment::UNIX_EPOCH, Arc::default()));
        Arc::new(Self { desk, lanes: Lanes::default(), limit, books })
    }

    /// Takes one message.
    pub async fn take(&self, body: Vec<u8>) -> Fed {
        let received_at = self.desk.time.now();
        let books = self.books(received_at).await;
        let _lane = self.lanes.enter(&body).await;
        self.desk.feed(MAIN_TENANT, &books, received_at, body).await
    }

    /// The facility records, at most two seconds old.
    async fn books(&self, now: Moment) -> Arc<FeedBooks> {
        let fresh = |at: Moment| (now.as_millisecond() - at.as_millisecond()).abs() < BOOKS_MILLIS;
        {
            let held = self.books.read().await;
            if fresh(held.0) {
                return Arc::clone(&held.1);
            }
        }
        let mut held = self.books.write().await;
        if !fresh(held.0) {
            match self.desk.feed_books(MAIN_TENANT) {
                Ok(books) => *held = (now, Arc::new(books.after(&held.1))),
                Err(fault) => tracing::error!(%fault, "the facility records could not be read; the last ones are used"),
            }
        }
        Arc::clone(&held.1)
    }
}

/// The server; it ends when told to stop, after its running answers.
pub struct Server {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
    /// The address listened on.
    pub address: SocketAddr,
}

impl Server {
    /// Opens the address and serves; with a door only TLS is spoken.
    ///
    /// # Errors
    /// The system's, with the address.
    pub async fn start(address: SocketAddr, door: Option<Door>, feed: Arc<Feed>) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address)
            .await
            .map_err(|e| std::io::Error::new(e.kind(), format!("cannot listen for MLLP on {address}: {e}")))?;
        let address = listener.local_addr()?;
        let (stop, stopped) = watch::channel(false);
        let task = tokio::spawn(accept(listener, door, feed, stopped));
        Ok(Self { stop, task, address })
    }

    /// Lets running answers finish.
    pub async fn stop(self) {
        let _nobody = self.stop.send(true);
        let _ended = self.task.await;
    }
}

async fn accept(listener: TcpListener, door: Option<Door>, feed: Arc<Feed>, mut stopped: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    while !*stopped.borrow() {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { break };
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            _ = stopped.changed() => break,
        };
        match taken {
            Ok((stream, peer)) => {
                let (door, feed, stopped) = (door.clone(), Arc::clone(&feed), stopped.clone());
                tokio::spawn(async move {
                    connection(stream, peer, door, feed, stopped).await;
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "an MLLP connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
    // Every place free again: every connection has ended.
    let all = u32::try_from(CONNECTIONS).unwrap_or(u32::MAX);
    if timeout(Duration::from_secs(DRAIN_SECONDS), places.acquire_many(all)).await.is_err() {
        tracing::warn!("some MLLP connections did not end in {DRAIN_SECONDS} seconds");
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    door: Option<Door>,
    feed: Arc<Feed>,
    stopped: watch::Receiver<bool>,
) {
    let stream = match tls::come_in(door.as_ref(), stream).await {
        Ok(stream) => stream,
        Err(why) => return tracing::warn!(%peer, why, "an MLLP connection did not come in"),
    };
    tracing::info!(%peer, tls = door.is_some(), "an MLLP connection was opened");
    let (read, write) = tokio::io::split(stream);
    match serve(read, write, feed, stopped).await {
        Ok(()) => tracing::info!(%peer, "an MLLP connection was closed"),
        Err(fault) => tracing::warn!(%peer, %fault, "an MLLP connection ended"),
    }
}

/// Serves one connection, whatever it runs over: reads ahead, answers in order.
pub async fn serve<R, W>(
    read: R,
    write: W,
    feed: Arc<Feed>,
    mut stopped: watch::Receiver<bool>,
) -> Result<(), FrameFault>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    let (sender, receiver) = mpsc::channel(AHEAD);
    let answers = tokio::spawn(answer(write, receiver));
    let mut frames = Frames::new(read, feed.limit);
    let mut begun = false;
    let ended = loop {
        // In this order: a stop is seen between two messages, and no timer is set while messages are there.
        let next = tokio::select! {
            biased;
            _ = stopped.changed() => break Ok(()),
            next = frames.next() => next,
            () = tokio::time::sleep(Duration::from_secs(FRAME_SECONDS)) => {
                // A message that had begun a minute ago and has not ended will not.
                if begun && frames.is_inside() {
                    break Err(FrameFault::Cut);
                }
                begun = frames.is_inside();
                continue;
            }
        };
        begun = false;
        match next {
            Ok(body) => {
                let feed = Arc::clone(&feed);
                let work = tokio::spawn(async move { feed.take(body).await });
                if sender.send(work).await.is_err() {
                    break Ok(());
                }
            }
            Err(FrameFault::Closed) => break Ok(()),
            Err(fault) => break Err(fault),
        }
    };
    drop(sender);
    let _written = answers.await;
    ended
}

/// Writes the answers in the order of their messages. Several that are ready go out together.
async fn answer<W: AsyncWrite + Unpin>(write: W, mut work: mpsc::Receiver<JoinHandle<Fed>>) -> std::io::Result<()> {
    let mut write = tokio::io::BufWriter::new(write);
    while let Some(next) = work.recv().await {
        let Ok(fed) = next.await else { break };
        match &fed.outcome {
            Outcome::Parked => tracing::warn!("a message of a feed was parked: see vigil feed parked"),
            Outcome::Busy(why) => tracing::error!(why, "a message of a feed could not be kept and was refused"),
            _ => {}
        }
        write.write_all(&framed(fed.ack.as_bytes())).await?;
        if work.is_empty() {
            write.flush().await?;
        }
    }
    write.flush().await?;
    // Under TLS the other side is told that this is the end, and not a cut.
    write.shutdown().await
}
