//! scratch
use std::sync::Arc;
fn main() {
    let a: Vec<u64> = std::env::args().skip(1).map(|x| x.parse().unwrap()).collect();
    let lib = Arc::new(vigil_packs::open(&[]).unwrap());
    let rt = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for seed in a[0]..a[0] + a[3] {
        let t = std::time::Instant::now();
        let plan = vigil_desk::sim::Plan { days: a[1] as i64, ..vigil_desk::sim::Plan::year(seed, a[2] as usize) };
        let r = rt.block_on(vigil_desk::sim::run(lib.clone(), plan)).unwrap();
        println!("{}{:?}", r.text(), t.elapsed());
    }
}
