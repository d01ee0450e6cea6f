//! How keys and closed sets lie in columns, and how columns are read.

use engine::{Fault, Key};
use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

/// A key as text: an id as a UUID, a name as it is.
pub fn key_text(key: &Key) -> String {
    key.text()
}

/// Reads what [`key_text`] wrote.
pub fn key_of(text: &str) -> Key {
    Key::read(text)
}

/// Keys as text.
pub(crate) fn key_texts<'k>(keys: impl IntoIterator<Item = &'k Key>) -> Vec<String> {
    keys.into_iter().map(key_text).collect()
}

/// The value of a column.
pub(crate) fn column<'r, T: FromSql<'r>>(row: &'r Row, index: usize) -> Result<T, Fault> {
    row.try_get(index).map_err(|error| Fault::Corrupt(error.to_string()))
}

/// A number that is never negative.
pub(crate) fn number(row: &Row, index: usize) -> Result<u64, Fault> {
    column::<i64>(row, index).map(i64::cast_unsigned)
}

/// A small number that is never negative.
pub(crate) fn small<T: TryFrom<i32>>(row: &Row, index: usize) -> Result<T, Fault> {
    let number: i32 = column(row, index)?;
    T::try_from(number).map_err(|_| Fault::Corrupt(format!("{number} is out of range")))
}

/// A small number as a column takes it.
pub(crate) fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// A limit as SQL takes it.
pub(crate) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A closed set that is words in a column.
pub(crate) trait Word: Sized {
    fn word(self) -> &'static str;
    fn read(word: &str) -> Option<Self>;
}

/// The member of a closed set that a column names.
pub(crate) fn word<T: Word>(row: &Row, index: usize) -> Result<T, Fault> {
    let word: &str = column(row, index)?;
    T::read(word).ok_or_else(|| Fault::Corrupt(format!("'{word}' is none of the column's words")))
}

/// `words!(Kind { Timer = "timer", ... })`.
macro_rules! words {
    ($type:ty { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl crate::columns::Word for $type {
            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn read(word: &str) -> Option<Self> {
                match word {
                    $($word => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}
pub(crate) use words;
