//! `ordo backup`: a copy of the data directory as it is at one moment, also beside the server that uses it. It needs nothing of that
//! server, and nothing but the right to lock its files.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use engine::SystemClock;
use settings::Settings;
use store_sqlite::backup::{Source, make};

use super::bar;
use crate::cli;
use crate::stores::{PROVIDER, directories};

/// Makes the backup.
pub fn run(settings: &Settings, backup: &cli::Backup) -> Result<ExitCode> {
    let sources = sources(settings)?;
    let bar = bar::of_bytes();
    let version = env!("CARGO_PKG_VERSION");
    let made = make(&sources, &backup.dir, version, &SystemClock, &mut |done, total| {
        bar::show(&bar, done, total);
    });
    bar.finish_and_clear();
    let manifest = made?;
    if backup.json {
        println!("{}", serde_json::to_string(&manifest)?);
    } else {
        let (files, size) = (manifest.files.len(), bar::size(manifest.bytes()));
        println!("{files} files ({size}) as of {} are in {}", manifest.made_at, backup.dir.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// The shop's directory, and beside it the one of the payment provider that ships with ordo.
fn sources(settings: &Settings) -> Result<Vec<Source>> {
    let (shop, provider) = directories(settings)?;
    let shop = Source { directory: shop, folder: PathBuf::new() };
    let provider = provider.map(|directory| Source { directory, folder: PathBuf::from(PROVIDER) });
    Ok([shop].into_iter().chain(provider).collect())
}
