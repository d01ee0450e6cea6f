//! The name that was probably meant.

/// The one of `names` nearest to `wanted`, when it is near enough to be a typing mistake, or
/// when it is the only one that ends in the same word (`addr` for `http.addr`).
pub(crate) fn nearest<'a>(wanted: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<&'a str> {
    let close = (wanted.chars().count() / 4).clamp(2, 5);
    let by_distance = names
        .clone()
        .map(|name| (distance(&wanted.to_ascii_lowercase(), &name.to_ascii_lowercase()), name))
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= close)
        .map(|(_, name)| name);
    by_distance.or_else(|| same_ending(wanted, names))
}

/// The only name whose last part is the last part of `wanted`.
fn same_ending<'a>(wanted: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let last = wanted.rsplit('.').next()?;
    let mut same = names.filter(|name| name.rsplit('.').next() == Some(last));
    same.next().filter(|_| same.next().is_none())
}

/// The number of insertions, deletions, replacements and swaps of neighbours that turn `a` into
/// `b` (optimal string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let replaced = above[j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = replaced.min(above[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                let swapped: usize = before[j - 2];
                least = least.min(swapped + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distances_count_single_mistakes() {
        let table = [
            ("", "", 0),
            ("a", "", 1),
            ("", "ab", 2),
            ("addr", "adr", 1),
            ("addr", "adrd", 1),
            ("ab", "xy", 2),
            ("kitten", "sitting", 3),
        ];
        for (a, b, expected) in table {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_near_is_suggested() {
        let names = ["http.addr", "log.level", "http.max_body_bytes"];
        let table = [
            ("http.adr", Some("http.addr")),
            ("HTTP.ADDR", Some("http.addr")),
            ("addr", Some("http.addr")),
            ("server.level", Some("log.level")),
            ("http.max-body-bytes", Some("http.max_body_bytes")),
            ("colour", None),
        ];
        for (wanted, expected) in table {
            assert_eq!(nearest(wanted, names.into_iter()), expected, "{wanted}");
        }
    }
}
