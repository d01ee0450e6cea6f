//! Where the server is, read from the URL.

use std::net::Ipv6Addr;

use lapin::types::ShortString;
use lapin::uri::AMQPUri;

use crate::open_error::OpenError;
use crate::settings::RabbitSettings;

/// The settings' URL, with the heartbeat that it does not name.
pub(crate) fn address(settings: &RabbitSettings) -> Result<AMQPUri, OpenError> {
    // The parser's reason may repeat the URL, so it is not handed on.
    let mut uri: AMQPUri = settings.url.parse().map_err(|_| OpenError::Url)?;
    if let Some(host) = ipv6(&settings.url) {
        uri.authority.host = host.to_string();
    }
    if uri.vhost.is_empty() {
        // To the letter this is a vhost without a name, which RabbitMQ does not have.
        uri.vhost = "/".to_owned();
    }
    ShortString::try_new(uri.vhost.as_str()).map_err(|_| OpenError::Url)?;
    let heartbeat = settings.heartbeat.as_secs().clamp(1, u64::from(u16::MAX));
    uri.query.heartbeat.get_or_insert(u16::try_from(heartbeat).unwrap_or(u16::MAX));
    Ok(uri)
}

/// The host, if it is an IPv6 address, which the client's parser takes for localhost.
fn ipv6(url: &str) -> Option<Ipv6Addr> {
    let (_, rest) = url.split_once('[')?;
    rest.split_once(']')?.0.parse().ok()
}
