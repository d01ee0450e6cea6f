//! The configuration in words: what is in effect, an example of variables, a table for the docs.

use std::fmt::Write;

use crate::index::sections;
use crate::layers::CLIENT_VARIABLES;
use crate::reader::Effective;
use crate::section::Opt;

/// The width that comments are wrapped at, in characters.
const WIDTH: usize = 100;

/// One line per option: key, value, origin, in columns.
pub(crate) fn show(effective: &[Effective]) -> String {
    let widest =
        |of: fn(&Effective) -> &str| effective.iter().map(|e| of(e).chars().count()).max().unwrap_or(0);
    let (keys, values) = (widest(|e| e.key), widest(|e| shown(&e.value)).min(48));
    let line = |e: &Effective| format!("{:keys$} = {:values$}  # {}\n", e.key, shown(&e.value), e.origin);
    effective.iter().map(line).collect()
}

fn shown(value: &str) -> &str {
    if value.is_empty() { "(not set)" } else { value }
}

/// The text of `.env.example`: every variable, commented out, with its default.
pub fn env_example() -> String {
    let mut text = String::from(HEAD);
    for section in sections() {
        let name = if section.key.is_empty() { String::new() } else { format!(" [{}]", section.key) };
        let _ = write!(text, "\n#{name} {}\n", section.doc);
        for option in &section.options {
            let _ = write!(text, "\n{}", comment(&sentences(option)));
            let _ = writeln!(text, "# {}={}", option.env, option.default);
        }
    }
    text.push_str("\n# For the command line.\n");
    for (name, doc) in CLIENT_VARIABLES.iter().filter(|(name, _)| *name != "ORDO_CRASH_AT") {
        let _ = write!(text, "\n{}# {name}=\n", comment(doc));
    }
    text
}

const HEAD: &str = "\
# Settings of ordo as environment variables. Copy this file to .env and change what you need.
# Stronger first: flags, the environment, .env, the file ordo.toml, the defaults shown here.
# An empty variable counts as not set. An unknown one is an error.
# This text is generated: cargo run -p ordo-settings --example env_example > .env.example
";

/// The documentation of an option with what it accepts.
fn sentences(option: &Opt) -> String {
    let file =
        if option.secret { format!(" Or {}_FILE, a file that holds it.", option.env) } else { String::new() };
    format!("{} Accepted: {}.{file}", option.doc, option.accepted)
}

/// Text as comment lines.
fn comment(text: &str) -> String {
    let mut lines = String::from("#");
    let mut width = 1;
    for word in text.split_whitespace() {
        let more = 1 + word.chars().count();
        if width > 1 && width + more > WIDTH {
            lines.push_str("\n#");
            width = 1;
        }
        lines.push(' ');
        lines.push_str(word);
        width += more;
    }
    lines + "\n"
}

/// Every option as tables in Markdown, for the docs.
pub fn reference() -> String {
    let mut text = String::new();
    for section in sections() {
        let title = if section.key.is_empty() { "On top".to_owned() } else { format!("`[{}]`", section.key) };
        let _ = write!(text, "### {title}\n\n{}\n\n", section.doc);
        text.push_str("| key | variable | default | accepted | meaning |\n|---|---|---|---|---|\n");
        for option in &section.options {
            let default =
                if option.default.is_empty() { "-".to_owned() } else { format!("`{}`", option.default) };
            let (key, env, doc) = (&option.key, &option.env, &option.doc);
            let file = if option.secret { format!(" or `{env}_FILE`") } else { String::new() };
            let _ = writeln!(text, "| `{key}` | `{env}`{file} | {default} | {} | {doc} |", option.accepted);
        }
        text.push('\n');
    }
    text.push_str("### Variables of clients and tests\n\n| variable | meaning |\n|---|---|\n");
    for (name, doc) in CLIENT_VARIABLES {
        let _ = writeln!(text, "| `{name}` | {doc} |");
    }
    text
}
