//! `vigil serve`: opens the house, opens the door, works until told to stop, closes in order.

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    sync::oneshot,
    task::JoinHandle,
};
use vigil_desk::time::Time;

use super::complain;
use crate::{
    app::App,
    background::Background,
    control, exit,
    feed::mllp,
    http::{self, around, listen},
    observe::{self, otlp},
    open,
    settings::{LogFormat, Membership, Settings, StoreAt},
    tls::{Door, TlsFault},
};

/// Nothing beside the settings.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example: vigil serve --data-dir /var/lib/vigil --listen 0.0.0.0:8080
Stops on SIGTERM or SIGINT after the running answers are given.
Exit codes: 0 stopped as told, 1 failed, 64 a setting is wrong, 65 packs or contract unreadable, 75 data directory busy or the database away")]
pub struct Args {}

/// Serves.
pub async fn run(_: Args, settings: &Settings) -> u8 {
    observe::start(settings);
    match open::house(settings, Time::Wall) {
        Ok(app) => serve(app).await,
        Err(error) => complain(&error, error.code()),
    }
}

/// Serves an open house until a signal comes.
pub async fn serve(app: App) -> u8 {
    if let Err(says) = announce(&app) {
        return complain(&says, exit::UNREADABLE);
    }
    let (door, feed_door) = match doors(&app.settings) {
        Ok(doors) => doors,
        Err(fault) => return complain(&fault, exit::USAGE),
    };
    let listener = match listen::open(app.settings.listen).await {
        Ok(listener) => listener,
        Err(error) => return complain(&error, exit::FAILURE),
    };
    let stop = match stop_signal() {
        Ok(stop) => stop,
        Err(error) => return complain(&error, exit::FAILURE),
    };
    let feed = match app.settings.mllp {
        Some(address) => {
            let feed = mllp::Feed::new(app.desk.clone(), app.settings.body_limit.0);
            match mllp::Server::start(address, feed_door, feed).await {
                Ok(feed) => Some(feed),
                Err(error) => return complain(&error, exit::FAILURE),
            }
        }
        None => None,
    };
    if let Some(feed) = &feed {
        let tls = app.settings.mllp_certificate.is_some();
        tracing::info!(address = %feed.address, tls, "taking HL7 version 2 feeds");
        announce_feed(feed, tls);
    }
    until_with(app, listener, door, feed, stop).await;
    exit::SUCCESS
}

/// The doors that the settings ask for: of pages and interfaces, and of feeds.
fn doors(settings: &Settings) -> Result<(Option<Door>, Option<Door>), TlsFault> {
    let Settings { tls_certificate, tls_key, mllp_certificate, mllp_key, mllp_client_ca, .. } = settings;
    let names = ["tls-certificate", "tls-key", ""];
    let pages = Door::of(names, tls_certificate.as_deref(), tls_key.as_deref(), None)?;
    let names = ["mllp-certificate", "mllp-key", "mllp-client-ca"];
    let feeds = Door::of(names, mllp_certificate.as_deref(), mllp_key.as_deref(), mllp_client_ca.as_deref())?;
    Ok((pages, feeds))
}

/// Says where feeds are taken, as the ready line says where pages are.
fn announce_feed(feed: &mllp::Server, tls: bool) {
    use std::io::Write as _;
    let scheme = if tls { "mllps" } else { "mllp" };
    let _closed = writeln!(std::io::stderr(), "Vigil takes HL7 feeds at {scheme}://{}", feed.address);
}

/// Serves on a listener until `stop`; what tests call with a listener of their own.
pub async fn until(app: App, listener: TcpListener, stop: impl Future<Output = ()>) {
    until_with(app, listener, None, None, stop).await;
}

/// The same, with feeds. They are taken until then too, and their running answers given before the store closes.
async fn until_with(
    app: App,
    listener: TcpListener,
    door: Option<Door>,
    feed: Option<mllp::Server>,
    stop: impl Future<Output = ()>,
) {
    let control = match app.settings.store {
        StoreAt::Sqlite => control_socket(&app),
        // Commands go to the database as another node.
        StoreAt::Postgres(_) => None,
    };
    let background = Background::start(&app);
    let (told_all, traces) = traces(&app);
    let router = http::router(&app);
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, data_dir = %app.settings.data_dir.display(), store = ?app.settings.store, "serving");
        eprintln_ready(&app, address);
    }
    let (told, watchers) = watchers(&app).await;
    let stop = async {
        stop.await;
        tracing::info!("stopping: no new connections; answers under way are finished");
        around::stopping(&app);
    };
    listen::serve(listener, door, router, &app, stop).await;
    if let Some(feed) = feed {
        feed.stop().await;
    }
    let held = control.is_some();
    if let Some(task) = control {
        task.abort();
    }
    background.stop().await;
    drop(told_all);
    if let Some(traces) = traces {
        let _ended = traces.await;
    }
    drop(told);
    if let Some(watchers) = watchers {
        let _ended = watchers.await;
    }
    if held {
        let _gone = std::fs::remove_file(control::socket(&app.settings.data_dir));
    }
    app.desk.store.close();
}

/// Where commands reach the process that holds the data directory.
fn control_socket(app: &App) -> Option<JoinHandle<()>> {
    match control::server::open(&app.settings.data_dir) {
        Ok(socket) => Some(tokio::spawn(control::server::serve(socket, app.clone()))),
        Err(error) => {
            tracing::warn!(%error, "no control socket: commands must wait until this process stops");
            None
        }
    }
}

/// Tells spans to the collector of the settings, until the first of the two is dropped.
fn traces(app: &App) -> (oneshot::Sender<()>, Option<JoinHandle<()>>) {
    let (told, end) = oneshot::channel();
    let collector = app.settings.traces_endpoint.clone();
    let telling = collector.zip(app.traces.take()).map(|(to, spans)| {
        tracing::info!(collector = to.at, "spans are told to a collector");
        tokio::spawn(otlp::tell(app.clone(), to, spans, end))
    });
    (told, telling)
}

/// Serves the counters at an address of their own, until the first of the two is dropped.
async fn watchers(app: &App) -> (oneshot::Sender<()>, Option<tokio::task::JoinHandle<()>>) {
    let (told, end) = oneshot::channel::<()>();
    let Some(address) = app.settings.metrics_listen else { return (told, None) };
    let listener = match listen::open(address).await {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the counters cannot be served");
            return (told, None);
        }
    };
    tracing::info!(%address, "counters without a token");
    let (app, router) = (app.clone(), http::metrics::open_routes(app));
    let serving = tokio::spawn(async move {
        listen::serve(listener, None, router, &app, async {
            let _dropped = end.await;
        })
        .await;
    });
    (told, Some(serving))
}

/// The one line a person waits for.
fn eprintln_ready(app: &App, address: std::net::SocketAddr) {
    use std::io::Write as _;
    if app.settings.log_format == LogFormat::Json {
        // Every line of that log is one object, this one too; the line before said the address.
        return;
    }
    let kind = if app.access.demonstration { " (demonstration)" } else { "" };
    let _closed = writeln!(std::io::stderr(), "Vigil serves at {}://{address}{kind}", app.settings.scheme());
}

/// Says on which contracts requests are judged; a contract without its state stops the start (DECISIONS 9).
fn announce(app: &App) -> Result<(), String> {
    let contracts = app.desk.store.contracts(vigil_desk::MAIN_TENANT).map_err(|e| e.to_string())?;
    // A zone is part of a contract's type; a state is text.
    if let Some(lacking) = contracts.iter().find(|c| c.state.len() != 2) {
        return Err(format!("contract {} of payer {} names no state: import it again", lacking.id, lacking.payer_id));
    }
    tracing::info!(contracts = contracts.len(), "contracts loaded");
    if app.settings.membership == Membership::Provisional {
        let settings = &app.desk.settings;
        let contract = settings.provisional_contract.clone().unwrap_or_else(vigil_desk::party::demonstration_contract);
        tracing::warn!(
            contract = contract.id,
            name = contract.name,
            line_of_business = contract.line_of_business.title(),
            state = contract.state,
            zone = contract.zone.name(),
            demonstration = contract.demonstration,
            "unknown members are enrolled provisionally on this contract"
        );
    }
    Ok(())
}

fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
