//! The knobs as they are read and turned over HTTP.

use std::time::Duration;

use contract::money::Decimal;
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use super::request::{Invalid, invalid};
use crate::settings::Settings;

/// How the knobs are to stand. It replaces all of them: what is left out goes back to 0 or false. Unknown fields are
/// refused, since a knob that is spelt wrong would turn nothing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsBody {
    /// The share of requests that get an error, from 0 to 1 with at most six decimals.
    pub failure_rate: Option<Box<RawValue>>,
    /// The share of requests that get no answer in time, likewise.
    pub timeout_rate: Option<Box<RawValue>>,
    /// How long every request takes, in milliseconds.
    pub delay_ms: Option<u64>,
    /// Whether the provider is out of order.
    pub outage: Option<bool>,
}

/// How the knobs stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SettingsAnswer {
    /// The share of requests that get an error.
    pub failure_rate: Share,
    /// The share of requests that get no answer in time.
    pub timeout_rate: Share,
    /// How long every request takes, in milliseconds.
    pub delay_ms: u64,
    /// Whether the provider is out of order.
    pub outage: bool,
}

/// A share in parts per million, written as a JSON number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(pub u32);

impl SettingsBody {
    /// The settings.
    ///
    /// # Errors
    /// [`Invalid`] names the first knob that cannot be turned so far.
    pub fn read(&self) -> Result<Settings, Invalid> {
        let delay = Duration::from_millis(self.delay_ms.unwrap_or_default());
        if delay > Settings::MAX_DELAY {
            let limit = Settings::MAX_DELAY.as_millis();
            return Err(invalid("/delay_ms", "delay", format!("write at most {limit} milliseconds")));
        }
        Ok(Settings {
            failure_rate_ppm: share("/failure_rate", self.failure_rate.as_deref())?,
            timeout_rate_ppm: share("/timeout_rate", self.timeout_rate.as_deref())?,
            delay,
            outage: self.outage.unwrap_or_default(),
        })
    }
}

fn share(path: &'static str, raw: Option<&RawValue>) -> Result<u32, Invalid> {
    let Some(raw) = raw else { return Ok(0) };
    let millionths = Decimal::parse(raw.get()).and_then(|decimal| decimal.to_minor(6).ok());
    let ppm = millionths.and_then(|millionths| u32::try_from(millionths).ok());
    ppm.filter(|ppm| *ppm <= Settings::MAX_RATE_PPM).ok_or_else(|| {
        invalid(
            path,
            "rate",
            "write a number from 0 to 1 with at most six decimals, for example 0.02".to_owned(),
        )
    })
}

impl From<Settings> for SettingsAnswer {
    fn from(settings: Settings) -> Self {
        Self {
            failure_rate: Share(settings.failure_rate_ppm),
            timeout_rate: Share(settings.timeout_rate_ppm),
            delay_ms: u64::try_from(settings.delay.as_millis()).unwrap_or(u64::MAX),
            outage: settings.outage,
        }
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let decimals = format!("{:06}", self.0 % Settings::MAX_RATE_PPM);
        let whole = self.0 / Settings::MAX_RATE_PPM;
        let text = match decimals.trim_end_matches('0') {
            "" => whole.to_string(),
            decimals => format!("{whole}.{decimals}"),
        };
        RawValue::from_string(text).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}
