//! `ordo config`: shows, checks or describes the configuration.

use std::process::ExitCode;

use anyhow::Result;
use client::print;
use settings::{Settings, Sources, schema};

use crate::cli::AboutConfig;

pub fn run(flags: Vec<(String, String)>, about: AboutConfig) -> Result<ExitCode> {
    match about {
        AboutConfig::Show => print(Settings::load(Sources::from_process(flags))?.show())?,
        AboutConfig::Check => {
            let settings = Settings::load(Sources::from_process(flags))?;
            settings.check()?;
            settings::exposure(settings.http.addr, false, settings.allow_anonymous)?;
            print("the configuration is good")?;
        }
        AboutConfig::Schema => print(format!("{:#}", schema()))?,
    }
    Ok(ExitCode::SUCCESS)
}
