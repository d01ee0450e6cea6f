//! Rust's text, as far as it takes to tell code from comments and literals.

use std::ops::Range;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Code,
    Comment,
    Letter,
    Text,
}

/// What stands at `at`, and its length in bytes.
pub fn token(text: &str, at: usize) -> (usize, Token) {
    let rest = &text[at..];
    let first = rest.chars().next().map_or(1, char::len_utf8);
    if rest.starts_with("//") {
        (rest.find('\n').unwrap_or(rest.len()), Token::Comment)
    } else if rest.starts_with("/*") {
        (comment_length(rest), Token::Comment)
    } else if let (false, Some(length)) = (text[..at].ends_with(is_word), raw_length(rest)) {
        (length, Token::Text)
    } else if rest.starts_with('"') {
        (quoted_length(rest, '"').unwrap_or(rest.len()), Token::Text)
    } else if rest.starts_with('\'') {
        letter_length(rest).map_or((first, Token::Code), |length| (length, Token::Letter))
    } else {
        (first, Token::Code)
    }
}

fn comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match text.as_bytes().get(at..at + 2) {
            Some(b"/*") => (depth, at) = (depth + 1, at + 2),
            Some(b"*/") if depth == 1 => return at + 2,
            Some(b"*/") => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
    }
    text.len()
}

fn raw_length(text: &str) -> Option<usize> {
    let marked = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let quoted = marked.trim_start_matches('#');
    let inner = quoted.strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(marked.len() - quoted.len()));
    Some(text.len() - inner.len() + inner.find(&end)? + end.len())
}

fn quoted_length(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    let end = text.char_indices().skip(1).find(|(_, letter)| {
        let ends = *letter == quote && !escaped;
        escaped = *letter == '\\' && !escaped;
        ends
    });
    end.map(|(at, _)| at + 1)
}

/// A character literal and not a lifetime: one letter, or an escape, between two quotes.
fn letter_length(text: &str) -> Option<usize> {
    let length = quoted_length(text, '\'')?;
    let inner = &text[1..length - 1];
    (inner.starts_with('\\') || inner.chars().count() == 1).then_some(length)
}

/// An item with its attributes: up to its semicolon, or to the end of its braces.
pub fn item_length(text: &str) -> usize {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 && (letter == ';' || letter == '}') {
            return at + 1;
        }
    }
    text.len()
}

pub fn blank(code: &mut String, range: Range<usize>) {
    let blanked: String =
        code[range.clone()].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    code.replace_range(range, &blanked);
}

pub fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
