//! A value in the document: its exact text and its place, descended into one level at a time.
//!
//! `serde_json` checks the grammar and finds the ends of values; numbers stay text, so no amount passes through a
//! float. Nothing is copied until a field is taken.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::error::{Report, code};
use super::path::{Path, ROOT};

/// Objects with more keys are sorted to find duplicates, so that the time stays in proportion to the body.
const FEW_KEYS: usize = 24;
/// Grammar lets an escape name half a character; no text can hold it.
const BROKEN_ESCAPE: &str = "a string has an escape that is no character (a lone surrogate)";

/// One value: its text, which is known to follow the grammar, and its place.
#[derive(Clone, Copy)]
pub(super) struct Node<'a, 'p> {
    pub(super) raw: &'a RawValue,
    pub(super) path: Path<'p>,
}

/// The JSON types.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Null,
    Boolean,
    Number,
    String,
    Array,
    Object,
}

impl<'a> Node<'a, 'static> {
    /// The whole document.
    pub(super) fn root(raw: &'a RawValue) -> Self {
        Self { raw, path: ROOT }
    }
}

impl<'a, 'p> Node<'a, 'p> {
    /// The JSON type, told by the first character.
    pub(super) fn kind(&self) -> Kind {
        match self.raw.get().as_bytes().first() {
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b'"') => Kind::String,
            Some(b't' | b'f') => Kind::Boolean,
            Some(b'n') => Kind::Null,
            _ => Kind::Number,
        }
    }

    /// The members, with duplicate keys and U+0000 in keys reported.
    pub(super) fn object(self, report: &mut Report) -> Option<Fields<'a, 'p>> {
        self.expect(Kind::Object, "an object", report)?;
        let members = readable(serde_json::from_str::<Members<'a>>(self.raw.get()), report)?;
        let fields = Fields { members: members.0, path: self.path };
        check_keys(fields.path, &fields.members, report);
        Some(fields)
    }

    /// The elements.
    pub(super) fn array(self, report: &mut Report) -> Option<Vec<&'a RawValue>> {
        self.expect(Kind::Array, "an array", report)?;
        readable(serde_json::from_str(self.raw.get()), report)
    }

    /// The text of a string, decoded, with U+0000 reported.
    pub(super) fn string(self, report: &mut Report) -> Option<Cow<'a, str>> {
        self.expect(Kind::String, "a string", report)?;
        let text = self.raw.get();
        if !text.contains('\\') {
            // The grammar allows no unescaped control character, so there is no U+0000 in it.
            return text.get(1..text.len().saturating_sub(1)).map(Cow::Borrowed);
        }
        let decoded: String = readable(serde_json::from_str(text), report)?;
        if decoded.contains('\0') {
            self.refuse(code::NUL_CHARACTER, "leave out the character U+0000", report);
            return None;
        }
        Some(Cow::Owned(decoded))
    }

    /// The exact text of a number.
    pub(super) fn number(self, report: &mut Report) -> Option<&'a str> {
        self.expect(Kind::Number, "a number", report)?;
        Some(self.raw.get())
    }

    /// Reports this value as invalid.
    pub(super) fn refuse(&self, code: &'static str, message: &str, report: &mut Report) {
        report.add(self.path, code, message);
    }

    fn expect(&self, kind: Kind, name: &str, report: &mut Report) -> Option<()> {
        if self.kind() == kind {
            return Some(());
        }
        report.add(self.path, code::WRONG_TYPE, format!("this must be {name}"));
        None
    }
}

/// The members of one object, in their order.
pub(super) struct Fields<'a, 'p> {
    pub(super) members: Vec<(Cow<'a, str>, &'a RawValue)>,
    pub(super) path: Path<'p>,
}

impl<'a, 'p> Fields<'a, 'p> {
    /// Whether the key is there, with whatever value.
    pub(super) fn has(&self, key: &str) -> bool {
        self.members.iter().any(|(name, _)| name == key)
    }

    /// The member, unless it is absent or null.
    pub(super) fn given<'s>(&'s self, key: &'s str) -> Option<Node<'a, 's>> {
        let (_, raw) = self.members.iter().find(|(name, _)| name == key)?;
        let node = Node { raw, path: self.path.key(key) };
        (node.kind() != Kind::Null).then_some(node)
    }

    /// The member; its absence is reported.
    pub(super) fn required<'s>(&'s self, key: &'s str, report: &mut Report) -> Option<Node<'a, 's>> {
        let node = self.given(key);
        if node.is_none() {
            report.add(self.path.key(key), code::REQUIRED, "this field is required");
        }
        node
    }

    /// The member under either of its two names; both at once are reported.
    pub(super) fn either<'s>(
        &'s self,
        name: &'s str,
        alias: &'s str,
        report: &mut Report,
    ) -> Option<Node<'a, 's>> {
        if self.has(name) && self.has(alias) {
            let message = format!("this is another name of {name}: give one of them");
            report.add(self.path.key(alias), code::ALIAS_CONFLICT, message);
        }
        self.given(name).or_else(|| self.given(alias))
    }

    /// Reports every key that is in neither list.
    pub(super) fn refuse_unknown(&self, own: &[&str], shared: &[&str], report: &mut Report) {
        for (name, _) in &self.members {
            let name = name.as_ref();
            if !own.contains(&name) && !shared.contains(&name) {
                report.add(self.path.key(name), code::UNKNOWN_FIELD, "this form has no such field");
            }
        }
    }
}

/// Reports duplicate keys and U+0000 in keys among the members of the object at `path`.
pub(super) fn check_keys<T>(path: Path<'_>, members: &[(Cow<'_, str>, T)], report: &mut Report) {
    let duplicate = |name: &str, report: &mut Report| {
        report.add(path.key(name), code::DUPLICATE_KEY, "this key is given more than once");
    };
    for (name, _) in members.iter().filter(|(name, _)| name.contains('\0')) {
        report.add(path.key(name), code::NUL_CHARACTER, "leave out the character U+0000");
    }
    if members.len() <= FEW_KEYS {
        for (n, (name, _)) in members.iter().enumerate() {
            if members.iter().take(n).any(|(earlier, _)| earlier == name) {
                duplicate(name, report);
            }
        }
        return;
    }
    let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_ref()).collect();
    names.sort_unstable();
    for (name, next) in names.iter().zip(names.iter().skip(1)) {
        if name == next {
            duplicate(name, report);
        }
    }
}

/// The text of a key, decoded.
pub(super) fn readable_key<'a>(raw: &'a RawValue, report: &mut Report) -> Option<Cow<'a, str>> {
    readable(serde_json::from_str(raw.get()), report).map(|Key(key)| key)
}

/// The grammar was checked before: what still fails is an escape.
pub(super) fn readable<T>(read: serde_json::Result<T>, report: &mut Report) -> Option<T> {
    read.map_err(|_| report.not_json(BROKEN_ESCAPE)).ok()
}

struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(8);
        while let Some((Key(key), value)) = map.next_entry()? {
            members.push((key, value));
        }
        Ok(Members(members))
    }
}
