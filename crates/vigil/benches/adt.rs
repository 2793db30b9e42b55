//! How many ADT messages a second become durable: real MLLP connections, real SQLite with full synchronisation on the disk of the
//! temporary directory. `cargo bench -p vigil --bench adt [MESSAGES] [CONNECTIONS] [AHEAD]`
#![allow(clippy::unwrap_used, missing_docs)]

use std::time::Instant;

use vigil::{
    feed::{client, mllp},
    open,
};
use vigil_desk::{MAIN_TENANT, time::Time};

mod mercy;
use mercy::{facility, settings_in};

/// The life of one stay as eight messages: emergency, observation, inpatient, moves, updates, home.
fn stay(n: usize) -> Vec<String> {
    let steps = [
        ("A04", "03011000", "E", "", "ED^12"),
        ("A06", "03011500", "O", "OBS", "5E^503^A"),
        ("A08", "03011600", "O", "OBS", "5E^503^A"),
        ("A08", "03021600", "I", "", "5E^503^A"),
        ("A02", "03021800", "I", "", "6W^610^B"),
        ("A08", "03031000", "I", "", "6W^610^B"),
        ("A08", "03040900", "I", "", "6W^610^B"),
        ("A03", "03041200", "I", "", "6W^610^B"),
    ];
    let message = |(trigger, at, class, kind, place): (&str, &str, &str, &str, &str)| {
        format!(
            "MSH|^~\\&|REG|MERCY|VIGIL|VIGIL|2026{at}00-0500||ADT^{trigger}|{n}-{trigger}-{at}|P|2.5.1\r\
             EVN|{trigger}|2026{at}\r\
             PID|1||{n:07}^^^MERCY^MR||Doe{n}^Jane^Q||19440612|F|||12 Elm St^^Albany^NY^12207||(518) 555-0101|||||A{n}^^^MERCY^AN\r\
             PV1|1|{class}|{place}||||1234567893^House^Greta|||MED||||1|||1234567893^House^Greta|{kind}|V{n}^^^MERCY^VN|||||||||||||||||||||||||202603011000\r\
             DG1|1||I21.4^NSTEMI^I10|||A\rIN1|1|MA01|H9999|Example Advantage||||GRP7||||20260101|20261231|||||||||1||||||||||||||W{n}\r"
        )
    };
    steps.into_iter().map(message).collect()
}

fn number(position: usize, default: usize) -> usize {
    std::env::args()
        .filter(|a| a.chars().all(|c| c.is_ascii_digit()))
        .nth(position)
        .map_or(default, |a| a.parse().unwrap())
}

fn main() {
    let (count, connections, ahead) = (number(0, 20_000), number(1, 4), number(2, 256));
    let folder = std::env::temp_dir().join(format!("vigil-bench-adt-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let app = open::house(&settings_in(folder.to_str().unwrap()), Time::Wall).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        app.desk.keep_facility(MAIN_TENANT, &facility()).await.unwrap();
        let feed = mllp::Feed::new(app.desk.clone(), 1 << 20);
        let server = mllp::Server::start("127.0.0.1:0".parse().unwrap(), None, feed).await.unwrap();
        // Each connection speaks of stays of its own, as hospitals do; of each stay in order of time, many stays interleaved.
        let stays = count.div_ceil(8 * connections);
        let mut work = Vec::new();
        for connection in 0..connections {
            let all: Vec<Vec<String>> = (0..stays).map(|n| stay(connection * stays + n)).collect();
            let messages: Vec<String> = (0..8).flat_map(|step| all.iter().map(move |one| one[step].clone())).collect();
            work.push(messages);
        }
        let total: usize = work.iter().map(Vec::len).sum();
        let bytes: usize = work.iter().flatten().map(String::len).sum();
        let start = Instant::now();
        let sending: Vec<_> = work
            .into_iter()
            .map(|messages| {
                let address = server.address;
                tokio::spawn(async move { client::send(address, &messages, ahead).await.unwrap() })
            })
            .collect();
        let mut accepted = 0;
        for one in sending {
            accepted += one.await.unwrap().iter().filter(|a| a.contains("MSA|AA|")).count();
        }
        let seconds = start.elapsed().as_secs_f64();
        assert_eq!(accepted, total, "every message was taken");
        println!(
            "{total} ADT messages of {} bytes over {connections} connections, {ahead} ahead: {seconds:.2} s, {:.0} a second, durable",
            bytes / total,
            total as f64 / seconds
        );
        server.stop().await;
        app.desk.store.close();
    });
    let _gone = std::fs::remove_dir_all(&folder);
}
