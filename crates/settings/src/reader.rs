//! Typed values from what was given, one option at a time, with every problem on the way.
//!
//! It is handed the options it may read, and does not know which there are: they are declared with it.

use std::collections::BTreeMap;

use crate::error::{Origin, Problem};
use crate::given::Given;
use crate::section::{Opt, Section};
use crate::value::{Form, Scope, Value};

/// The longest found text that is repeated in a message, in characters.
const LONGEST_FOUND: usize = 60;

/// An option as it is in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The key of the option.
    pub key: &'static str,
    /// Its value, secrets masked; empty when it is not set.
    pub value: String,
    /// Where the value comes from.
    pub origin: Origin,
}

/// Reads options from what was given.
pub(crate) struct Reader<'a> {
    sections: &'static [Section],
    /// What was given, by key of the option.
    given: &'a BTreeMap<&'static str, Given>,
    scope: Scope,
    /// What was read so far, in the order of declaration.
    pub effective: Vec<Effective>,
    /// What could not be read so far.
    pub problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(
        sections: &'static [Section],
        given: &'a BTreeMap<&'static str, Given>,
        scope: Scope,
    ) -> Self {
        Self { sections, given, scope, effective: Vec::new(), problems: Vec::new() }
    }

    /// The value of the option `key`, or `None` after reporting what is wrong with it.
    pub(crate) fn option<T: Value>(&mut self, key: &str) -> Option<T> {
        let mut options = self.sections.iter().flat_map(|section| &section.options);
        let option = options.find(|option| option.key == key)?;
        let default = || Given { text: option.default.to_owned(), form: Form::Free, origin: Origin::Default };
        let fallback;
        let given = match self.given.get(key) {
            Some(given) => given,
            None => {
                fallback = default();
                &fallback
            }
        };
        match read::<T>(option, given, &self.scope) {
            Some(value) => {
                let origin = given.origin.clone();
                self.effective.push(Effective { key: &option.key, value: value.show(), origin });
                Some(value)
            }
            None => {
                self.problems.push(Problem::Refused {
                    key: option.key.clone(),
                    origin: given.origin.clone(),
                    found: found(option, given),
                    accepted: option.accepted.clone(),
                });
                None
            }
        }
    }
}

/// The value, when its form, its text and its size are those of the option.
fn read<T: Value>(option: &Opt, given: &Given, scope: &Scope) -> Option<T> {
    let value = option.shape.takes(given.form).then(|| T::parse(&given.text, scope))??;
    let within = match (option.limits, value.magnitude()) {
        (Some((least, greatest)), Some(size)) => (least..=greatest).contains(&size),
        _ => true,
    };
    within.then_some(value)
}

/// What was found, in words that do not repeat a secret.
fn found(option: &Opt, given: &Given) -> String {
    let quoted = |text: &str| match text.char_indices().nth(LONGEST_FOUND) {
        Some((end, _)) => format!("{:?}...", &text[..end]),
        None => format!("{text:?}"),
    };
    match given.form {
        Form::Other => given.text.clone(),
        _ if given.text.is_empty() => "nothing".to_owned(),
        _ if option.secret => "a value that is not shown (it may hold a secret)".to_owned(),
        Form::Free => quoted(&given.text),
        Form::Text => format!("the string {}", quoted(&given.text)),
        Form::Integer | Form::Decimal => format!("the number {}", given.text),
        Form::Boolean => given.text.clone(),
    }
}
