//! `ordo notifications`: what customers were told, and telling them once more.

use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Subcommand;
use http_body_util::{BodyExt, Full};
use serde::Deserialize;

use crate::ask::ask;
use crate::at::At;
use crate::away::Away;
use crate::output::print;
use crate::place::fresh;
use crate::run::told;
use crate::table::{clean, table};
use crate::target::Target;

/// What to do about notifications, and where.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "Exit status: 0 done, 1 refused, 2 wrong usage, 3 the server is away: try again.")]
pub struct NotificationArgs {
    /// The server.
    #[command(flatten)]
    pub at: At,
    /// What to do.
    #[command(subcommand)]
    command: Command,
}

/// What can be done about notifications.
#[derive(Clone, Debug, Subcommand)]
enum Command {
    /// Lists notifications, newest first.
    List(List),
    /// Sends a notification once more, whatever became of it. The customer may get it twice.
    Resend(Resend),
}

/// Which notifications to list.
#[derive(Clone, Debug, Default, clap::Args)]
struct List {
    /// Only those about this order.
    #[arg(long, value_name = "ID")]
    order: Option<String>,
    /// Only those in this state: PENDING, SENT, FAILED, UNKNOWN, SKIPPED.
    #[arg(long)]
    state: Option<String>,
    /// How many, at most 1000.
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1000))]
    limit: u16,
}

/// The notification to send.
#[derive(Clone, Debug, clap::Args)]
struct Resend {
    /// Its id.
    id: String,
    /// The Idempotency-Key: under the same key it is sent once. Default: a new one.
    #[arg(long)]
    key: Option<String>,
}

/// A notification, as far as it is shown.
#[derive(Deserialize)]
struct Notification {
    id: String,
    order_id: String,
    state: String,
    error: Option<String>,
    channel: String,
    recipient: Option<String>,
    subject: String,
    created_at: String,
}

/// The heads of the columns of a list.
const HEADS: [&str; 7] = ["id", "order", "subject", "state", "to", "created", "error"];

/// Does what the command line says.
///
/// # Errors
/// One line that says what was refused or cannot be. That the server is away is an exit status of its own, and told here.
pub async fn run_notifications(args: NotificationArgs) -> Result<ExitCode> {
    told(command(&args).await.map(|()| ExitCode::SUCCESS))
}

async fn command(args: &NotificationArgs) -> Result<()> {
    let target = Target::read(&args.at.url)?;
    match &args.command {
        Command::List(filter) => list(&target, filter, args.at.json).await,
        Command::Resend(resend) => send(&target, resend, args.at.json).await,
    }
}

async fn list(target: &Target, filter: &List, json: bool) -> Result<()> {
    let answer = ask(target, target.get(&path(filter))?).await?;
    match json {
        true => print(&answer),
        false => print(rows(&answer)?.as_bytes()),
    }
}

async fn send(target: &Target, resend: &Resend, json: bool) -> Result<()> {
    let key = resend.key.clone().unwrap_or_else(|| fresh().to_string());
    let id: String = form_urlencoded::byte_serialize(resend.id.as_bytes()).collect();
    let path = format!("/api/v1/notifications/{id}/resend");
    let request = target.post(&path, "application/json", &key, Full::default().boxed_unsync())?;
    let answer = ask(target, request).await.map_err(|error| match error.downcast::<Away>() {
        // Whoever asks again under the same key cannot have it sent twice.
        Ok(Away(why)) => Away(format!("{why}; to try again: --key {key}")).into(),
        Err(error) => error,
    })?;
    if json {
        return print(&answer);
    }
    let told: Notification = serde_json::from_slice(&answer).context("the answer is no notification")?;
    print(clean(&format!("{}: {} ({})", told.subject, told.state, to(&told))).as_bytes())
}

fn path(filter: &List) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("limit", &filter.limit.to_string());
    query.extend_pairs(filter.order.as_ref().map(|order| ("order_id", order)));
    query.extend_pairs(filter.state.as_ref().map(|state| ("state", state)));
    format!("/api/v1/notifications?{}", query.finish())
}

/// Notifications as a table.
fn rows(answer: &[u8]) -> Result<String> {
    let told: Vec<Notification> =
        serde_json::from_slice(answer).context("the answer is no list of notifications")?;
    let mut rows = vec![HEADS.map(str::to_owned)];
    rows.extend(told.iter().map(row));
    Ok(table(&rows))
}

fn row(told: &Notification) -> [String; 7] {
    let error = told.error.as_deref().unwrap_or_default();
    let cells = [&told.id, &told.order_id, &told.subject, &told.state, to(told), &told.created_at, error];
    cells.map(clean)
}

/// Whom it is for, or else where it went.
fn to(told: &Notification) -> &str {
    told.recipient.as_deref().filter(|_| told.channel != "log").unwrap_or(&told.channel)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_for_stands_in_the_query() {
        let list = List { order: Some("a&b".into()), state: Some("UNKNOWN".into()), limit: 5 };
        assert_eq!(path(&list), "/api/v1/notifications?limit=5&order_id=a%26b&state=UNKNOWN");
    }

    #[test]
    fn notifications_are_a_table() {
        let answer = r#"[{"id": "01", "order_id": "02", "kind": "order.paid", "state": "FAILED",
            "error": "550\u001b[2J", "channel": "smtp", "recipient": "ann@example.org",
            "subject": "Order 7: paid", "created_at": "2026-01-01T00:00:00Z"}]"#;
        let expected = "id  order  subject        state   to               created               error
01  02     Order 7: paid  FAILED  ann@example.org  2026-01-01T00:00:00Z  550\u{fffd}[2J
";
        assert_eq!(rows(answer.as_bytes()).unwrap(), expected);
        assert!(rows(b"{}").is_err());
    }
}
