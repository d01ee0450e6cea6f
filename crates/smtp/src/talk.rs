//! The conversation with a mail server (RFC 5321), step by step, since it matters at which step it breaks.

use std::time::Duration;

use lettre::transport::smtp::Error;
use lettre::transport::smtp::authentication::DEFAULT_MECHANISMS;
use lettre::transport::smtp::client::AsyncSmtpConnection;
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use tokio::time::timeout;

use crate::ended::{Ended, told};
use crate::letter::Letter;
use crate::server::{Security, Server};

/// How long the server may take to say goodbye.
const FAREWELL: Duration = Duration::from_secs(1);

/// Hands a mail to the server. The server may take `limit` until it has heard whom it is for, and as long again for the text.
pub(crate) async fn hand_over(server: &Server, letter: &Letter, limit: Duration) -> Ended {
    let begun = timeout(limit, begin(server, letter, limit)).await;
    let mut connection = match begun {
        Ok(Ok(connection)) => connection,
        Ok(Err(ended)) => return ended,
        Err(_) => return Ended::Away("the mail server took too long before it heard the mail".to_owned()),
    };
    let ended = match timeout(limit, connection.message(&letter.bytes)).await {
        Ok(Ok(_)) => Ended::Taken,
        Ok(Err(error)) => Ended::behind_the_text(&error),
        Err(_) => Ended::Silent("the mail server took too long to say whether it takes the mail".to_owned()),
    };
    // It has the mail or it has not: whether it hears the farewell changes nothing.
    let _ = timeout(FAREWELL, connection.quit()).await;
    ended
}

/// All that comes before the text.
async fn begin(server: &Server, letter: &Letter, limit: Duration) -> Result<AsyncSmtpConnection, Ended> {
    let hello = ClientId::Domain(letter.from.domain().to_owned());
    let mut connection = greet(server, &hello, limit).await?;
    let envelope = envelope(&connection, letter)?;
    let before = |error: Error| Ended::before_the_text(&error);
    // Who a shop is, is about the shop and not about the mail.
    let sender = connection.command(Mail::new(Some(letter.from.clone()), envelope)).await;
    sender.map_err(|error| Ended::Away(told(&error)))?;
    connection.command(Rcpt::new(letter.to.clone(), Vec::new())).await.map_err(before)?;
    connection.command(Data).await.map_err(before)?;
    Ok(connection)
}

/// Until here it is about the server and not about the mail: whatever it says no to, it may be right tomorrow.
async fn greet(server: &Server, hello: &ClientId, limit: Duration) -> Result<AsyncSmtpConnection, Ended> {
    let away = |error: Error| Ended::Away(told(&error));
    let place = (server.host.as_str(), server.port);
    let tls = (server.security == Security::Always).then(|| server.tls.clone());
    let connection = AsyncSmtpConnection::connect_tokio1(place, Some(limit), hello, tls, None);
    let mut connection = connection.await.map_err(away)?;
    if connection.can_starttls() {
        connection.starttls(server.tls.clone(), hello).await.map_err(away)?;
    }
    if let Some(credentials) = &server.credentials {
        if !connection.is_encrypted() && !server.is_on_this_machine() {
            let why = "the mail server offers no TLS, and the password is not sent without; try smtps://";
            return Err(Ended::Away(why.to_owned()));
        }
        connection.auth(DEFAULT_MECHANISMS, credentials).await.map_err(away)?;
    }
    Ok(connection)
}

/// What has to be said of the envelope.
fn envelope(connection: &AsyncSmtpConnection, letter: &Letter) -> Result<Vec<MailParameter>, Ended> {
    let supports = |feature| connection.server_info().supports_feature(feature);
    let mut parameters = Vec::new();
    if [&letter.from, &letter.to].into_iter().any(|address| !AsRef::<str>::as_ref(address).is_ascii()) {
        if !supports(Extension::SmtpUtfEight) {
            return Err(Ended::Refused("the mail server takes only addresses in ASCII".to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !letter.bytes.is_ascii() {
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    Ok(parameters)
}
