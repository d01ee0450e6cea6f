//! The TOML file, as a flat list of dotted keys with their lines.

use toml::de::{DeTable, DeValue};

use crate::value::Form;

/// One value of the file.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The dotted key, such as `http.addr`.
    pub key: String,
    /// The line of the value, from 1.
    pub line: usize,
    /// The value as text; numbers exactly as they were written.
    pub text: String,
    /// How it was written.
    pub form: Form,
}

/// A line that is not TOML, from 1, and why.
pub(crate) type Fault = (usize, String);

/// Reads all values, or every fault of the format.
pub(crate) fn parse(text: &str) -> Result<Vec<Entry>, Vec<Fault>> {
    let (table, faults) = DeTable::parse_recoverable(text);
    if !faults.is_empty() {
        let mut faults: Vec<_> = faults.iter().map(|fault| located(fault, text)).collect();
        faults.sort();
        return Err(faults);
    }
    let mut entries = Vec::new();
    flatten("", table.get_ref(), text, &mut entries);
    entries.sort_by_key(|entry| entry.line);
    Ok(entries)
}

/// A fault with its line; the message never quotes the file, which may hold secrets.
fn located(fault: &toml::de::Error, text: &str) -> Fault {
    let line = fault.span().map_or(1, |span| line_of(text, span.start));
    (line, fault.message().replace('\n', " "))
}

fn flatten(prefix: &str, table: &DeTable<'_>, text: &str, entries: &mut Vec<Entry>) {
    for (name, value) in table {
        let key = if prefix.is_empty() {
            name.get_ref().to_string()
        } else {
            format!("{prefix}.{}", name.get_ref())
        };
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => flatten(&key, inner, text, entries),
            value => {
                let (text_of_value, form) = scalar(value);
                entries.push(Entry {
                    key,
                    line: line_of(text, name.span().start),
                    text: text_of_value,
                    form,
                });
            }
        }
    }
}

/// The text and form of a value; of what no option takes, a word for it.
fn scalar(value: &DeValue<'_>) -> (String, Form) {
    match value {
        DeValue::String(text) => (text.to_string(), Form::Text),
        DeValue::Integer(number) => {
            let decimal = i128::from_str_radix(number.as_str(), number.radix());
            (decimal.map_or_else(|_| number.to_string(), |n| n.to_string()), Form::Integer)
        }
        DeValue::Float(number) => (number.as_str().to_owned(), Form::Decimal),
        DeValue::Boolean(value) => (value.to_string(), Form::Boolean),
        DeValue::Datetime(_) => ("a date".to_owned(), Form::Other),
        DeValue::Array(_) => ("an array".to_owned(), Form::Other),
        DeValue::Table(_) => ("a table".to_owned(), Form::Other),
    }
}

/// The line, from 1, of a byte of the text.
fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::{Entry, parse};
    use crate::value::Form;

    #[test]
    fn values_keep_their_lines_and_their_text() {
        let text = "broker_url = \"embedded:\"\n\n[http]\nmax_in_flight = 0x10\n[processing]\nfailure_rate = 0.100000\n[retry.provider]\nbase = [1]\n";
        let entry =
            |key: &str, line, text: &str, form| Entry { key: key.into(), line, text: text.into(), form };
        assert_eq!(
            parse(text).unwrap(),
            [
                entry("broker_url", 1, "embedded:", Form::Text),
                entry("http.max_in_flight", 4, "16", Form::Integer),
                entry("processing.failure_rate", 6, "0.100000", Form::Decimal),
                entry("retry.provider.base", 8, "an array", Form::Other),
            ]
        );
    }

    #[test]
    fn every_fault_has_its_line() {
        let faults = parse("[http]\naddr = \n[log\n").unwrap_err();
        let lines: Vec<_> = faults.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3], "{faults:?}");
        let twice = parse("[log]\nlevel = 1\nlevel = 2\n").unwrap_err();
        assert_eq!((twice.len(), twice[0].0), (1, 3), "{twice:?}");
    }
}
