//! The start-up rule: nobody is open to the network by accident.

use std::net::SocketAddr;

use crate::error::{Problem, SettingsError};

/// Decides whether a server may listen on `addr`.
///
/// Beyond loopback, a server without authentication is refused unless anonymous access is
/// allowed in so many words (`ORDO_ALLOW_ANONYMOUS=1`).
///
/// # Errors
/// One [`Problem::Exposed`], whose line says what can be done.
pub fn exposure(
    addr: SocketAddr,
    has_authentication: bool,
    allow_anonymous: bool,
) -> Result<(), SettingsError> {
    let loopback = addr.ip().to_canonical().is_loopback();
    if loopback || has_authentication || allow_anonymous {
        return Ok(());
    }
    SettingsError::unless_none(vec![Problem::Exposed { addr }])
}

#[cfg(test)]
mod tests {
    use super::exposure;

    #[test]
    fn beyond_loopback_needs_authentication_or_a_word() {
        let table = [
            ("127.0.0.1:8000", false, false, true),
            ("127.9.9.9:8000", false, false, true),
            ("[::1]:8000", false, false, true),
            ("[::ffff:127.0.0.1]:8000", false, false, true),
            ("0.0.0.0:8000", false, false, false),
            ("[::]:8000", false, false, false),
            ("192.168.1.7:8000", false, false, false),
            ("0.0.0.0:8000", true, false, true),
            ("0.0.0.0:8000", false, true, true),
        ];
        for (addr, authentication, anonymous, allowed) in table {
            let answer = exposure(addr.parse().unwrap(), authentication, anonymous);
            assert_eq!(answer.is_ok(), allowed, "{addr}");
        }
    }

    #[test]
    fn the_refusal_is_one_clear_line() {
        let refusal = exposure("0.0.0.0:8000".parse().unwrap(), false, false).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "http.addr: 0.0.0.0:8000 can be reached from other machines and no authentication is set up; \
             listen on 127.0.0.1, set up authentication, or allow it with ORDO_ALLOW_ANONYMOUS=1"
        );
    }
}
