//! `ordo restore`: a backup becomes the content of the data directory.

use std::process::ExitCode;

use anyhow::{Result, bail};
use engine::{Clock, SystemClock};
use settings::Settings;
use store_sqlite::backup::restore;

use super::bar;
use crate::cli;
use crate::stores::{PROVIDER, directories};

/// Restores the backup.
pub fn run(settings: &Settings, args: &cli::Restore) -> Result<ExitCode> {
    let (shop, provider) = directories(settings)?;
    if args.data.is_none() && provider.is_some_and(|provider| provider != shop.join(PROVIDER)) {
        bail!(
            "provider.database_url names a directory of its own; restore into a new one with --data, and put its folder \
            '{PROVIDER}' where the provider looks"
        );
    }
    // Nobody restores twice into one directory within a second; if they did, the second one would find the folder taken.
    let aside = SystemClock.now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let bar = bar::of_bytes();
    let restored = restore(&args.backup, &shop, args.force.then_some(&*aside), &mut |done, total| {
        bar::show(&bar, done, total);
    });
    bar.finish_and_clear();
    let restored = restored?;
    let (files, size) = (restored.manifest.files.len(), bar::size(restored.manifest.bytes()));
    println!("{files} files ({size}) as of {} are in {}", restored.manifest.made_at, shop.display());
    if let Some(aside) = restored.aside {
        println!("what was there is in {}", aside.display());
    }
    Ok(ExitCode::SUCCESS)
}
