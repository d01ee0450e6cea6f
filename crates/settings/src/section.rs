//! What is known of an option, and of the table it stands in: data that parsing, messages and docs come from.
//!
//! It says nothing of a value that was given; that is [`Given`](crate::given::Given).

use crate::value::Shape;

/// Everything that is known of one option.
#[derive(Clone, Debug)]
pub struct Opt {
    /// The dotted key in the file and of the flag: `http.addr`.
    pub key: String,
    /// The environment variable: `ORDO_HTTP_ADDR`.
    pub env: String,
    /// What the option means, in full sentences.
    pub doc: String,
    /// The default, as it would be written; empty when there is none.
    pub default: &'static str,
    /// What is accepted, as it continues "accepted is ...".
    pub accepted: String,
    /// Whether the value may hold a secret: it is masked when shown, and the variable with
    /// `_FILE` behind it may name a file that holds the value.
    pub secret: bool,
    /// The words it may be, when they are few.
    pub choices: &'static [&'static str],
    pub(crate) shape: Shape,
    pub(crate) pattern: Option<&'static str>,
    /// The least and the greatest size.
    pub(crate) limits: Option<(u128, u128)>,
}

/// One table of the file with its options. The first has no key and holds the options on top.
#[derive(Clone, Debug)]
pub struct Section {
    /// The dotted name of the table: `http`, `retry.database`.
    pub key: String,
    /// What the options are about, in a sentence.
    pub doc: String,
    /// The options, in the order of declaration.
    pub options: Vec<Opt>,
}
