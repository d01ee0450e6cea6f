//! How keys, times and closed sets lie in columns.

use engine::Key;
use jiff::Timestamp;
use rusqlite::ToSql;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use thiserror::Error;
use uuid::Uuid;

/// A key to be written: an id as its 16 bytes, a name as text.
#[derive(Clone, Copy, Debug)]
pub struct KeyColumn<'a>(pub &'a Key);

impl ToSql for KeyColumn<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self.0 {
            Key::Id(id) => ValueRef::Blob(id.as_bytes()),
            Key::Name(name) => ValueRef::Text(name.as_bytes()),
        }))
    }
}

/// A key that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredKey(pub Key);

impl FromSql for StoredKey {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(bytes) => {
                Uuid::from_slice(bytes).map(|id| Self(Key::Id(id))).map_err(FromSqlError::other)
            }
            ValueRef::Text(_) => Ok(Self(Key::name(value.as_str()?))),
            _ => Err(FromSqlError::InvalidType),
        }
    }
}

/// A time to be written, in microseconds.
#[derive(Clone, Copy, Debug)]
pub struct TimeColumn(pub Timestamp);

impl ToSql for TimeColumn {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.as_microsecond()))
    }
}

/// A time that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoredTime(pub Timestamp);

impl FromSql for StoredTime {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Timestamp::from_microsecond(value.as_i64()?).map(Self).map_err(FromSqlError::other)
    }
}

/// A word that a column does not know.
#[derive(Debug, Error)]
#[error("'{0}' is none of the column's words")]
struct UnknownWord(String);

/// A closed set as words in a column: `words!(Kind { Timer = "timer", ... })`.
pub(crate) struct Word<T>(pub T);

/// What a member of a closed set is called in a column.
pub(crate) trait AsWord {
    fn word(self) -> &'static str;
}

impl<T: AsWord + Copy> ToSql for Word<T> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::from(self.0.word()))
    }
}

/// Makes `Word<T>` readable and writable.
macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl crate::columns::AsWord for $type {
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl rusqlite::types::FromSql for crate::columns::Word<$type> {
            fn column_result(value: rusqlite::types::ValueRef<'_>) -> rusqlite::types::FromSqlResult<Self> {
                match value.as_str()? {
                    $($word => Ok(Self(<$type>::$variant)),)+
                    other => Err(crate::columns::unknown_word(other)),
                }
            }
        }
    };
}
pub(crate) use words;

pub(crate) fn unknown_word(word: &str) -> FromSqlError {
    FromSqlError::other(UnknownWord(word.to_owned()))
}

/// A limit as SQL takes it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
