//! Connections: taken, bounded in number and in patience, and drained when the process is asked to stop.

use std::{
    future::Future,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Duration,
};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use super::patience::Patience;
use crate::{
    app::App,
    observe::metrics::{Limit, OneMore},
    settings::Settings,
    tls::{self, Door, Wire},
};

/// Opens the address.
///
/// # Errors
/// The system's, with the address.
pub async fn open(address: SocketAddr) -> std::io::Result<TcpListener> {
    TcpListener::bind(address)
        .await
        .map_err(|e| std::io::Error::new(e.kind(), format!("cannot listen on {address}: {e}")))
}

/// Serves until `stop` is done, then lets running answers finish. With a door only TLS is spoken.
pub async fn serve(
    listener: TcpListener,
    door: Option<Door>,
    router: Router,
    app: &App,
    stop: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    let settings = &app.settings;
    let places = Arc::new(Semaphore::new(settings.connections.min(Semaphore::MAX_PERMITS)));
    let mut stop = pin!(stop);
    loop {
        let taken = tokio::select! {
            taken = take(&listener, &places) => taken,
            () = &mut stop => break,
        };
        let (stream, peer, place) = match taken {
            Ok(taken) => taken,
            Err(error) => {
                // Out of file handles, or a connection that died in the queue: wait and go on.
                tracing::warn!(%error, "a connection could not be taken");
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (watcher, router, door) = (graceful.watcher(), router.clone(), door.clone());
        app.metrics.connections_taken.fetch_add(1, Relaxed);
        let app = app.clone();
        tokio::spawn(async move {
            let _one_more = OneMore::of(&app.metrics.connections);
            let stream = match tls::come_in(door.as_ref(), stream).await {
                Ok(stream) => stream,
                Err(why) => return tracing::info!(%peer, why, "a connection did not come in"),
            };
            if let Err(error) = watcher.watch(connection(stream, router, &app.settings)).await {
                if timed_out(&error) {
                    app.metrics.limited(Limit::Reader);
                }
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
    drop(listener);
    let seconds = settings.drain_seconds;
    if timeout(Duration::from_secs(seconds), graceful.shutdown()).await.is_err() {
        tracing::warn!("some answers did not finish in {seconds} seconds");
    }
}

/// The next connection, once there is a place for it.
async fn take(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

/// Whether a connection ended because its reader did not take what it was sent.
fn timed_out(error: &hyper::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::TimedOut) {
            return true;
        }
        source = inner.source();
    }
    false
}

type Connection = http1::Connection<TokioIo<Patience<Wire>>, TowerToHyperService<Router>>;

fn connection(stream: Wire, router: Router, settings: &Settings) -> Connection {
    let patient = Patience::new(stream, Duration::from_secs(settings.answer_seconds));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(Duration::from_secs(settings.head_seconds))
        .keep_alive(true)
        .max_buf_size(64 * 1024)
        .serve_connection(TokioIo::new(patient), TowerToHyperService::new(router))
}
