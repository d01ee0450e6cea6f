//! The `.env` format: `NAME=value` lines, as shells and container tools read them.
//!
//! Understood: blank lines, `#` comments, a leading `export`, values without quotes (trimmed, up
//! to ` #`), in single quotes (literal) and in double quotes (`\n`, `\t`, `\\`, `\"`, `\$`);
//! quoted values may span lines. Not understood on purpose: interpolation of `$NAME`.

/// One assignment.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The variable.
    pub name: String,
    /// The value, without quotes.
    pub value: String,
}

/// A line that is not an assignment, from 1, and why. The text is not repeated: it may be a secret.
pub(crate) type Fault = (usize, &'static str);

/// Reads all assignments, and the faults of the lines that are none.
pub(crate) fn parse(text: &str) -> (Vec<Assignment>, Vec<Fault>) {
    let (mut assignments, mut faults) = (Vec::new(), Vec::new());
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let (found, after) = statement(rest);
        match found {
            Ok(Some((name, value))) => assignments.push(Assignment { line, name, value }),
            Ok(None) => {}
            Err(why) => faults.push((line, why)),
        }
        line += rest[..rest.len() - after.len()].matches('\n').count();
        rest = after;
    }
    (assignments, faults)
}

type Statement = Result<Option<(String, String)>, &'static str>;

/// Reads one statement, and gives it with the text after its line.
fn statement(text: &str) -> (Statement, &str) {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let bare = line.trim();
    if bare.is_empty() || bare.starts_with('#') {
        return (Ok(None), after);
    }
    let Some((left, right)) = line.split_once('=') else {
        return (Err("this line is not NAME=value, a comment or blank"), after);
    };
    let left = left.trim();
    let name = left.strip_prefix("export ").unwrap_or(left).trim();
    if !is_name(name) {
        return (Err("the name before = may have letters, digits and _ only"), after);
    }
    let value = right.trim_start();
    match value.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            let from = text.len() - after.len() - usize::from(line.len() < text.len()) - value.len();
            quoted(name, &text[from + 1..], quote, after)
        }
        _ => (Ok(Some((name.to_owned(), unquoted(value).to_owned()))), after),
    }
}

/// Reads a value up to its closing quote, and gives it with the text after that line.
fn quoted<'a>(name: &str, text: &'a str, quote: char, after_line: &'a str) -> (Statement, &'a str) {
    let mut value = String::new();
    let mut signs = text.char_indices();
    while let Some((at, sign)) = signs.next() {
        if sign == quote {
            let (tail, after) = text[at + 1..].split_once('\n').unwrap_or((&text[at + 1..], ""));
            let tail = tail.trim();
            if !tail.is_empty() && !tail.starts_with('#') {
                return (Err("there is text after the closing quote"), after);
            }
            return (Ok(Some((name.to_owned(), value))), after);
        }
        match (quote, sign) {
            ('"', '\\') => match signs.next() {
                Some((_, 'n')) => value.push('\n'),
                Some((_, 't')) => value.push('\t'),
                Some((_, plain @ ('\\' | '"' | '$'))) => value.push(plain),
                Some((_, other)) => value.extend(['\\', other]),
                None => {}
            },
            _ => value.push(sign),
        }
    }
    (Err("the quote is not closed"), after_line)
}

/// A value without quotes, without its comment.
fn unquoted(value: &str) -> &str {
    if value.starts_with('#') {
        return "";
    }
    let end = [" #", "\t#"].into_iter().filter_map(|mark| value.find(mark)).min();
    value[..end.unwrap_or(value.len())].trim()
}

fn is_name(name: &str) -> bool {
    let starts = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    starts && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn values_are_read_as_shells_read_them() {
        let table = [
            ("A=1", "1"),
            ("A = 1 ", "1"),
            ("export A=1", "1"),
            ("  export   A=1", "1"),
            ("A=", ""),
            ("A= # nothing", ""),
            ("A=x # comment", "x"),
            ("A=x#y", "x#y"),
            ("A=a=b", "a=b"),
            ("A=it's", "it's"),
            ("A='x # y' # comment", "x # y"),
            ("A='a\\nb'", "a\\nb"),
            ("A=\"a\\nb\\t\\\"c\\\" \\$d \\\\ \\e\"", "a\nb\t\"c\" $d \\ \\e"),
            ("A=\"two\nlines\"", "two\nlines"),
            ("A=\"\"", ""),
            ("A=1\r", "1"),
            ("A='1'\r", "1"),
            ("\u{feff}A=1", "1"),
            ("A=größe", "größe"),
        ];
        for (text, value) in table {
            let (found, faults) = parse(text);
            assert_eq!(faults, [], "{text}");
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!((found[0].name.as_str(), found[0].value.as_str()), ("A", value), "{text}");
        }
    }

    #[test]
    fn lines_are_counted_across_comments_and_quotes() {
        let (found, faults) = parse("# head\n\nA=\"1\n2\"\nB=3\nwrong\n2C=4\nD='x' y\nE=5\nF='open\nG=6");
        let lines: Vec<_> = found.iter().map(|a| (a.line, a.name.as_str())).collect();
        assert_eq!(lines, [(3, "A"), (5, "B"), (9, "E"), (11, "G")]);
        let faults: Vec<_> = faults.iter().map(|(line, _)| *line).collect();
        assert_eq!(faults, [6, 7, 8, 10]);
    }
}
