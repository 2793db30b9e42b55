//! The file pull: so many cases of a universe, drawn by a seed that anybody can draw again.

use vigil_store::digest_of;

/// Draws `count` cases: those whose digest over seed and number is smallest, in that order.
pub fn sample(cases: &[String], seed: &str, count: usize) -> Vec<String> {
    let mut drawn: Vec<(String, &String)> =
        cases.iter().map(|case| (digest_of(format!("{seed}\n{case}").as_bytes()), case)).collect();
    drawn.sort();
    drawn.into_iter().take(count).map(|(_, case)| case.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_files_whatever_their_order() {
        let cases: Vec<String> = (0..100).map(|n| format!("C-{n}")).collect();
        let mut turned = cases.clone();
        turned.reverse();
        let drawn = sample(&cases, "a", 30);
        assert_eq!(drawn.len(), 30);
        assert_eq!(drawn, sample(&turned, "a", 30));
        assert_ne!(drawn, sample(&cases, "b", 30));
        assert_eq!(sample(&cases[..8], "a", 30).len(), 8, "a small universe is pulled whole");
    }
}
