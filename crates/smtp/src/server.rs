//! The mail server: where it is, how the way there is kept private, and who signs in.

use std::net::IpAddr;

use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::TlsParameters;
use lettre::transport::smtp::{SMTP_PORT, SUBMISSIONS_PORT};
use percent_encoding::percent_decode_str;

use crate::ended::told;
use crate::error::Unusable;

/// A mail server.
pub(crate) struct Server {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub tls: TlsParameters,
    pub credentials: Option<Credentials>,
}

/// How the way to a server is kept private.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Security {
    /// TLS from the first byte (RFC 8314).
    Always,
    /// TLS if the server offers it (RFC 3207).
    IfOffered,
}

impl Server {
    /// Reads `smtp://user:password@host:port` or `smtps://...`; all but the host may be left out.
    pub fn read(url: &str) -> Result<Self, Unusable> {
        let (scheme, rest) = url.split_once("://").ok_or(Unusable::Url)?;
        let (security, usual) = match scheme {
            "smtp" => (Security::IfOffered, SMTP_PORT),
            "smtps" => (Security::Always, SUBMISSIONS_PORT),
            _ => return Err(Unusable::Url),
        };
        let rest = rest.trim_end_matches('/');
        let (user, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().map_err(|_| Unusable::Url)?),
            _ => (place, usual),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() || host.contains(['/', '?', '#']) {
            return Err(Unusable::Url);
        }
        let tls = TlsParameters::new_rustls(host.clone()).map_err(|error| Unusable::Tls(told(&error)))?;
        let credentials = user.map(credentials).transpose()?;
        Ok(Self { host, port, security, tls, credentials })
    }

    /// Whether nobody can listen on the way there.
    pub fn is_on_this_machine(&self) -> bool {
        self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

fn credentials(text: &str) -> Result<Credentials, Unusable> {
    let (user, password) = text.split_once(':').ok_or(Unusable::Url)?;
    let decoded = |text| {
        percent_decode_str(text).decode_utf8().map(std::borrow::Cow::into_owned).map_err(|_| Unusable::Url)
    };
    Ok(Credentials::new(decoded(user)?, decoded(password)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_read_with_its_usual_port() {
        for (url, host, port, security) in [
            ("smtp://mail", "mail", 25, Security::IfOffered),
            ("smtps://mail.example.org", "mail.example.org", 465, Security::Always),
            ("smtp://mail:587/", "mail", 587, Security::IfOffered),
            ("smtp://[::1]:2525", "::1", 2525, Security::IfOffered),
            ("smtp://[::1]", "::1", 25, Security::IfOffered),
        ] {
            let server = Server::read(url).unwrap();
            assert_eq!((server.host.as_str(), server.port, server.security), (host, port, security), "{url}");
            assert!(server.credentials.is_none());
        }
    }

    #[test]
    fn user_and_password_are_decoded() {
        let server = Server::read("smtp://ann%40example.org:p%3Aw%2F@mail").unwrap();
        let wanted = Credentials::new("ann@example.org".to_owned(), "p:w/".to_owned());
        assert_eq!(server.credentials, Some(wanted));
    }

    #[test]
    fn what_is_no_server_is_refused() {
        for url in ["", "mail", "http://mail", "smtp://", "smtp://mail:port", "smtp://ann@mail", "smtp://a/b"]
        {
            assert_eq!(Server::read(url).err(), Some(Unusable::Url), "{url}");
        }
    }

    #[test]
    fn only_loopback_is_this_machine() {
        for (url, here) in
            [("smtp://localhost", true), ("smtp://127.0.0.1", true), ("smtp://10.0.0.1", false)]
        {
            assert_eq!(Server::read(url).unwrap().is_on_this_machine(), here, "{url}");
        }
    }
}
