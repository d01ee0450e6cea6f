//! What customers are told, and the mail server over which.

use std::sync::Arc;

use crate::choices::Notice;
use crate::edges::remote;
use crate::secret::Secret;
use crate::value::{Scope, Shape, Value};

/// The steps of an order that customers are told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notices(Arc<[Notice]>);

impl Notices {
    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Notice> {
        self.0.iter().copied()
    }
}

/// What is written for no step at all.
const NONE: &str = "none";

impl Value for Notices {
    const SHAPE: Shape = Shape::Text;

    fn accepted() -> String {
        let names: Vec<_> = Notice::ALL.iter().map(|notice| notice.name()).collect();
        format!("{NONE}, or some of {} with commas between", names.join(","))
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        if text == NONE {
            return Some(Self(Arc::default()));
        }
        text.split(',').map(|word| Notice::from_name(word.trim())).collect::<Option<_>>().map(Self)
    }

    fn show(&self) -> String {
        let names: Vec<_> = self.iter().map(Notice::name).collect();
        if names.is_empty() { NONE.to_owned() } else { names.join(",") }
    }
}

/// A mail server: `smtp://user:password@host:port`, or `smtps://`. The whole URL is kept as a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpUrl(Secret);

impl SmtpUrl {
    /// The URL itself, password included, for the one place that uses it.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

impl Value for SmtpUrl {
    const SHAPE: Shape = Shape::Text;
    const SECRET: bool = true;

    fn accepted() -> String {
        "smtp://user:password@host:port or smtps://user:password@host:port".to_owned()
    }

    fn parse(text: &str, _: &Scope) -> Option<Self> {
        remote(text, &["smtp", "smtps"]).map(Self)
    }

    fn show(&self) -> String {
        self.0.masked_url()
    }
}

#[cfg(test)]
mod tests {
    use super::{Notices, SmtpUrl};
    use crate::value::{Scope, Value};

    fn shown<T: Value>(text: &str) -> Option<String> {
        let scope = Scope { data_dir: "/data".into(), home: None };
        T::parse(text, &scope).map(|value| value.show())
    }

    #[test]
    fn notices_are_named_with_commas_between() {
        assert_eq!(shown::<Notices>("order.paid, order.failed").as_deref(), Some("order.paid,order.failed"));
        assert_eq!(shown::<Notices>("none").as_deref(), Some("none"));
        for text in ["", "order.lost", "order.paid,", "none,order.paid"] {
            assert_eq!(shown::<Notices>(text), None, "{text}");
        }
    }

    #[test]
    fn the_password_of_a_mail_server_is_not_shown() {
        assert_eq!(shown::<SmtpUrl>("smtp://ann:pw@mail:587").as_deref(), Some("smtp://***@mail:587"));
        assert_eq!(shown::<SmtpUrl>("smtps://mail").as_deref(), Some("smtps://mail"));
        for text in ["mail:25", "smtp://", "http://mail"] {
            assert_eq!(shown::<SmtpUrl>(text), None, "{text}");
        }
    }
}
