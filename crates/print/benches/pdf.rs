//! Milliseconds per letter and memory over many letters: `cargo bench -p vigil-print` (`-- 5000` for more letters).

#[path = "../../packs/tests/notices/sample.rs"]
#[allow(dead_code)]
mod sample;

use std::time::Instant;

use vigil_domain::notice::compose;
use vigil_packs::{notice, shelf::Shelf};
use vigil_print::{Letterhead, pdf};

fn main() {
    let count: usize = std::env::args().filter_map(|word| word.parse().ok()).next().unwrap_or(1000);
    let shelf = Shelf::read(&[]).expect("embedded packs");
    let book = notice::load(&shelf, &mut Vec::new());
    let templates: Vec<_> = book.all().filter(|template| !template.bodies.is_empty()).collect();
    let head = Letterhead {
        plan_name: "Harbor Health Advantage".to_owned(),
        address_lines: vec!["200 Quay Street".to_owned(), "Albany, NY 12207".to_owned()],
        phone: "1-800-555-0142".to_owned(),
        tty: "711".to_owned(),
        printed_on: "March 11, 2026".to_owned(),
        ..Letterhead::default()
    };
    let mut times = Vec::with_capacity(count);
    let mut size = 0;
    for number in 0..count {
        let template = templates[number % templates.len()];
        let language = if number % 3 == 0 { "es" } else { "en" };
        let mut fields = sample::fields(template, language);
        fields.set("member_name", format!("Member {number}")).set("case_number", format!("C-2026-{number:06}"));
        fields.set("reason_plain", format!("Note {number}: the record shows {} weeks of treatment.", number % 17));
        let letter = compose(template, language, &fields).expect("whole");
        let start = Instant::now();
        size += pdf(&letter, &head).expect("a letter").len();
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        if number == 0 || (number + 1) % (count / 5).max(1) == 0 {
            println!("after {:>6} letters: resident {:>7} kB", number + 1, resident_kb());
        }
    }
    let first = times.remove(0);
    times.sort_by(f64::total_cmp);
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize];
    println!("first {first:.1} ms; then median {:.1} ms, p99 {:.1} ms, worst {:.1} ms", at(0.5), at(0.99), at(1.0));
    println!("{count} letters of {} templates, {} kB each", templates.len(), size / count / 1024);
}

fn resident_kb() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.map_or("?".to_owned(), |line| line.trim().trim_end_matches(" kB").to_owned())
}
