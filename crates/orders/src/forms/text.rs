//! Texts with a shape: e-mail addresses and times. Pure predicates.

/// Whether the text has the shape of an e-mail address: one `@`, a dot-separated local part of at most 64 bytes, and a
/// domain of at least two labels. Letters of any script are allowed (RFC 6531); quoted local parts and address
/// literals, which no shop's customer has, are not.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    text.len() <= 254
        && local.len() <= 64
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_char))
        && domain.contains('.')
        && domain.split('.').all(is_label)
}

fn is_atom_char(char: char) -> bool {
    char.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(char)
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.chars().all(|char| char.is_alphanumeric() || char == '-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Whether the text is a date-time of RFC 3339, section 5.6: a real date, `T`, a time, and `Z` or an offset.
pub(super) fn is_rfc3339(text: &str) -> bool {
    let Some((date_time, rest)) = text.split_at_checked(19) else { return false };
    let shape = date_time.bytes().zip(*b"0000-00-00T00:00:00").all(|(byte, shape)| match shape {
        b'0' => byte.is_ascii_digit(),
        shape => byte.eq_ignore_ascii_case(&shape),
    });
    shape && is_date(date_time) && is_clock(date_time.get(11..)) && is_zone(after_fraction(rest))
}

fn is_date(text: &str) -> bool {
    match (number(text.get(..4)), number(text.get(5..7)), number(text.get(8..10))) {
        (Some(year), Some(month), Some(day)) => i8::try_from(month).is_ok_and(|month| {
            i8::try_from(day).is_ok_and(|day| jiff::civil::Date::new(year, month, day).is_ok())
        }),
        _ => false,
    }
}

/// Hours, minutes and seconds, a leap second too.
fn is_clock(text: Option<&str>) -> bool {
    let part = |from: usize, to: usize| number(text.and_then(|text| text.get(from..to)));
    part(0, 2).is_some_and(|hour| hour < 24)
        && part(3, 5).is_some_and(|minute| minute < 60)
        && part(6, 8).is_some_and(|second| second <= 60)
}

/// What follows the fraction of a second; the whole rest if the fraction has no digits.
fn after_fraction(rest: &str) -> &str {
    match rest.strip_prefix('.') {
        Some(fraction) if fraction.starts_with(|char: char| char.is_ascii_digit()) => {
            fraction.trim_start_matches(|char: char| char.is_ascii_digit())
        }
        _ => rest,
    }
}

fn is_zone(text: &str) -> bool {
    if text.eq_ignore_ascii_case("z") {
        return true;
    }
    let Some((hour, minute)) = text.strip_prefix(['+', '-']).and_then(|offset| offset.split_once(':')) else {
        return false;
    };
    hour.len() == 2
        && minute.len() == 2
        && number(Some(hour)).is_some_and(|hour| hour < 24)
        && number(Some(minute)).is_some_and(|minute| minute < 60)
}

fn number(text: Option<&str>) -> Option<i16> {
    text.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{is_email, is_rfc3339};

    #[test]
    fn email_addresses() {
        for text in ["test@gmail.com", "a.b+c@x-y.example.org", "имя@пример.рф", "o'hara@a.b"] {
            assert!(is_email(text), "{text}");
        }
        let long_local = format!("{}@example.org", "a".repeat(65));
        let long_label = format!("a@{}.org", "b".repeat(64));
        for text in [
            "",
            "@",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.d",
            "a@b@c.d",
            "a@b..c",
            "a@.b.c",
            "a@-b.c",
            "a@b-.c",
            ".a@b.c",
            "a.@b.c",
            "a..b@c.d",
            "a@b.c ",
            "a\n@b.c",
            "a@b_c.d",
            &long_local,
            &long_label,
        ] {
            assert!(!is_email(text), "{text}");
        }
    }

    #[test]
    fn date_times() {
        for text in [
            "2025-10-20T12:00:05Z",
            "2025-10-20t12:00:05z",
            "2024-02-29T23:59:60+14:00",
            "2025-10-20T12:00:05.123456789012-03:30",
        ] {
            assert!(is_rfc3339(text), "{text}");
        }
        for text in [
            "",
            "2025-10-20",
            "2025-10-20T12:00:05",
            "2025-10-20 12:00:05Z",
            "2025-13-20T12:00:05Z",
            "2025-02-29T12:00:05Z",
            "2025-10-20T24:00:05Z",
            "2025-10-20T12:60:05Z",
            "2025-10-20T12:00:61Z",
            "2025-10-20T12:00:05.Z",
            "2025-10-20T12:00:05+0300",
            "2025-10-20T12:00:05+3:00",
            "2025-10-20T12:00:05+24:00",
            "2025-10-20T12:00:05+01:60",
            "2025-10-20T12:00:05ZZ",
            "2025-10-20T12:00:05+-1:00",
            "2025-10-20T12:00:05Z[UTC]",
            "20251020T120005Z",
            "2025-10-20T12:00:0éZ",
        ] {
            assert!(!is_rfc3339(text), "{text}");
        }
    }
}
