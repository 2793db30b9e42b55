//! The packs are embedded in this crate: a changed pack rebuilds it.

fn main() {
    println!("cargo:rerun-if-changed=../../packs");
}
