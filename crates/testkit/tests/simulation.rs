//! The seeded simulation. `ORDO_SEEDS=n` runs so many seeds (50), `ORDO_SEED=x` one of them again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use testkit::simulation::{Finished, simulate};

/// Lines of a failing seed's trace.
const SHOWN: usize = 400;

fn number(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(text.parse().unwrap_or_else(|_| panic!("{variable} is a number, not '{text}'")))
}

fn report(seed: u64, finished: &Finished) -> Option<String> {
    let reason = finished.outcome.as_ref().err()?;
    let skipped = finished.trace.len().saturating_sub(SHOWN);
    let shown = finished.trace[skipped..].join("\n");
    Some(format!(
        "seed {seed} failed. Its trace, without its first {skipped} lines:\n{shown}\n{reason}\n\
         Again: ORDO_SEED={seed} cargo test -p ordo-testkit --test simulation"
    ))
}

#[test]
fn every_seed_keeps_the_promises() {
    let (first, last) = match number("ORDO_SEED") {
        Some(seed) => (seed, seed),
        None => (1, number("ORDO_SEEDS").unwrap_or(50)),
    };
    let (next, orders, failed) = (AtomicU64::new(first), AtomicU64::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, std::num::NonZero::get) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::SeqCst);
                    if seed > last {
                        return;
                    }
                    let finished = simulate(seed);
                    orders.fetch_add(finished.orders as u64, Ordering::SeqCst);
                    failed.lock().unwrap().extend(report(seed, &finished).map(|report| (seed, report)));
                }
            });
        }
    });
    let mut failed = failed.into_inner().unwrap();
    failed.sort();
    let seeds: Vec<_> = failed.iter().map(|(seed, _)| seed).collect();
    for (seed, report) in &failed {
        println!("seed {seed}: {}", report.lines().rev().nth(1).unwrap_or_default());
    }
    println!("{} seeds, {} acknowledged orders, failed: {seeds:?}", last + 1 - first, orders.into_inner());
    if let Some((_, report)) = failed.first() {
        panic!("{report}\n{} seeds failed: {seeds:?}", failed.len());
    }
}

#[test]
fn the_same_seed_gives_the_same_run() {
    for seed in [3, 11] {
        let (one, other) = (simulate(seed), simulate(seed));
        assert!(one.trace.len() > 100);
        for (number, (one, other)) in one.trace.iter().zip(&other.trace).enumerate() {
            assert_eq!(one, other, "line {number} of seed {seed}");
        }
        assert_eq!(one.trace.len(), other.trace.len());
        assert_eq!(one.outcome, other.outcome);
    }
}
