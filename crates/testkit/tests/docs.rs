//! The docs: what they tell to try is tried on the release binary and prints what they say, and their links lead somewhere.
//!
//! A page of `docs/concepts` begins with a block that starts a fresh server, `ordo`, perhaps with options before it. Its other
//! blocks of `sh` are run in one shell, in their order; each prints just what stands in the block of `text` behind it, and nothing
//! if there is none.
//!
//! It needs the binary: `cargo build --release`, then `cargo test -p ordo-testkit --test docs -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the whole file is a test"
)]

use std::fs;
use std::path::{Path, PathBuf};

use testkit::binary::{Server, free_port, shell};

/// Where the README says that the server is.
const USUAL: &str = "http://127.0.0.1:8000";
/// Stands between what two blocks print.
const MARK: &str = "-- a block ends --";

/// A block of commands, and what it prints.
#[derive(Debug, PartialEq, Eq)]
struct Tried {
    commands: String,
    prints: String,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The pages in a folder.
fn pages(folder: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|kind| kind == "md")).collect();
    pages.sort();
    pages
}

/// The fenced blocks of a page, each with its language.
fn blocks(page: &str) -> Vec<(String, String)> {
    let mut blocks = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let inside = lines.by_ref().take_while(|line| *line != "```");
            let text = inside.fold(String::new(), |text, line| text + line + "\n");
            blocks.push((language.to_owned(), text));
        }
    }
    blocks
}

/// What is to be tried, each with what it prints.
fn tried(blocks: Vec<(String, String)>) -> Vec<Tried> {
    let mut tried: Vec<Tried> = Vec::new();
    for (language, text) in blocks {
        match (&*language, tried.last_mut()) {
            ("sh", _) => tried.push(Tried { commands: text, prints: String::new() }),
            ("text", Some(last)) => last.prints = text,
            _ => {}
        }
    }
    tried
}

/// The options of a block that starts a server.
fn options(block: &str) -> Vec<(String, String)> {
    let said = block.trim().strip_suffix("ordo").expect("the first block starts a server");
    let options = said.split_whitespace().map(|option| option.split_once('=').unwrap());
    options.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// What the README says before its tour.
fn before_the_tour() -> String {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let first = blocks(&readme).into_iter().find(|(_, text)| text.starts_with("ordo="));
    first.expect("the tour begins by naming the server").1
}

#[test]
#[ignore = "needs the release binary; scripts/test builds it and runs this"]
fn what_the_concepts_tell_to_try_does_what_they_say() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let pages = pages("docs/concepts");
    assert!(pages.len() >= 6, "{pages:?}");
    for page in pages {
        println!("{}", page.file_stem().unwrap().display());
        runtime.block_on(try_out(&page));
    }
}

async fn try_out(page: &Path) {
    let mut tried = tried(blocks(&fs::read_to_string(page).unwrap()));
    let options = options(&tried.remove(0).commands);
    assert!(tried.iter().any(|block| !block.prints.is_empty()), "{} shows something", page.display());
    let (directory, port) = (tempfile::tempdir().unwrap(), free_port());
    let mut shop = Server::alone(directory.path(), port, &options).await;
    let mut script = "set -euo pipefail\n".to_owned() + &before_the_tour();
    tried.iter().for_each(|block| script += &format!("{}echo '{MARK}'\n", block.commands));
    let script = script.replace(USUAL, &format!("http://127.0.0.1:{port}"));
    // Into a file: what the shell leaves behind listening to a stream keeps it open, and nobody waits for that.
    let complaints = directory.path().join("complaints");
    let mut shell = shell(directory.path(), port);
    let output = shell.args(["-c", &script]).stderr(fs::File::create(&complaints).unwrap()).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let complaint = fs::read_to_string(complaints).unwrap();
    assert!(output.status.success(), "{}: {said}{complaint}", page.display());
    let end = format!("{MARK}\n");
    let printed = said.split(&end);
    for (block, printed) in tried.iter().zip(printed) {
        assert_eq!(printed, block.prints, "{}:\n{}", page.display(), block.commands);
    }
    shop.stop().await;
}

/// The targets of a page's links.
fn links(page: &str) -> impl Iterator<Item = &str> {
    page.split("](").skip(1).filter_map(|rest| rest.split_once(')')).map(|(target, _)| target)
}

/// What a heading is called in a link.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter));
    kept.collect::<String>().to_lowercase().replace(' ', "-")
}

fn has_heading(page: &str, wanted: &str) -> bool {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    headings.map(|line| anchor(line.trim_start_matches('#').trim())).any(|found| found == wanted)
}

#[test]
fn every_link_leads_somewhere() {
    let mut count = 0;
    for page in ["", "docs", "docs/concepts"].into_iter().flat_map(pages) {
        let text = fs::read_to_string(&page).unwrap();
        for link in links(&text).filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            assert!(target.exists(), "{}: {link}", page.display());
            let is_there = heading.is_empty() || has_heading(&fs::read_to_string(target).unwrap(), heading);
            assert!(is_there, "{}: {link}", page.display());
            count += 1;
        }
    }
    assert!(count > 30, "{count} links were seen");
}

#[test]
fn a_page_is_read_as_it_is_written() {
    let page = "x\n```sh\nA=1 ordo\n```\n```sh\necho a\n```\n\n```text\na\n```\n```sh\ntrue\n```\n";
    let tried = tried(blocks(page));
    assert_eq!(options(&tried[0].commands), [("A".to_owned(), "1".to_owned())]);
    let block = |commands: &str, prints: &str| Tried { commands: commands.into(), prints: prints.into() };
    assert_eq!(tried[1..], [block("echo a\n", "a\n"), block("true\n", "")]);
    assert_eq!(anchor("A user, for each service"), "a-user-for-each-service");
}
