//! The data directory: whether it can be written to, has room, and who holds it.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access, statvfs};
use settings::{DatabaseUrl, Role, Settings};
use store_sqlite::DataDirectory;

use super::finding::Findings;

const PART: &str = "data directory";
/// Below this little room, in bytes, a server would soon stop.
const TOO_LITTLE: u64 = 64 << 20;
/// Below this it is told.
const LITTLE: u64 = 1 << 30;

/// Looks at the data directory, if anything is in one.
pub fn look(settings: &Settings, findings: &mut Findings) {
    let directory = Role::OF_SHOP.iter().find_map(|role| match settings.database_of(*role) {
        DatabaseUrl::Sqlite { dir } => Some(dir.clone()),
        DatabaseUrl::Postgres(_) => None,
    });
    if let Some(directory) = directory {
        writable(&directory, findings);
        room(&directory, findings);
        holder(&directory, findings);
    }
}

fn writable(directory: &Path, findings: &mut Findings) {
    let shown = directory.display();
    let remedy =
        "make it writable for this user, or name another directory with ORDO_DATABASE_URL=sqlite:DIR";
    if directory.exists() {
        return match (directory.is_dir(), may_write(directory)) {
            (true, true) => findings.good(PART, format_args!("{shown} is there and writable")),
            (true, false) => findings.bad(PART, format_args!("{shown} is not writable"), remedy),
            (false, _) => findings.bad(PART, format_args!("{shown} is no directory"), remedy),
        };
    }
    match may_write(&nearest(directory)) {
        true => {
            findings.note(PART, format_args!("{shown} is not there yet"), "the first `ordo serve` makes it")
        }
        false => findings.bad(PART, format_args!("{shown} is not there and cannot be made"), remedy),
    }
}

fn may_write(path: &Path) -> bool {
    access(path, Access::READ_OK | Access::WRITE_OK | Access::EXEC_OK).is_ok()
}

/// The directory that is there, of those that lead to this one.
fn nearest(directory: &Path) -> PathBuf {
    let there = directory.ancestors().find(|path| path.is_dir());
    there.filter(|path| !path.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

fn room(directory: &Path, findings: &mut Findings) {
    let part = "free space";
    let there = nearest(directory);
    let Ok(stat) = statvfs(&there) else {
        return findings.note(part, "it cannot be told", "look at the disk with df");
    };
    let free = stat.f_bavail.saturating_mul(stat.f_frsize);
    let said = format!("{} MiB on the disk of {}", free >> 20, there.display());
    let remedy = "make room, or move the data directory to a larger disk";
    match free {
        ..TOO_LITTLE => findings.bad(part, said, remedy),
        TOO_LITTLE..LITTLE => findings.note(part, said, remedy),
        _ => findings.good(part, said),
    }
}

fn holder(directory: &Path, findings: &mut Findings) {
    let part = "directory's lock";
    match DataDirectory::holder(directory) {
        Ok(None) => findings.good(part, "nobody holds it"),
        Ok(Some(holder)) => {
            let remedy = "that is fine if it is your server; another one needs a directory of its own";
            findings.note(part, format_args!("held by process {holder}"), remedy);
        }
        Err(error) => {
            findings.bad(
                part,
                format_args!("it cannot be read: {error}"),
                "make ordo.lock readable for this user",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_that_can_be_made_is_in_nobodys_way() {
        let temporary = tempfile::TempDir::new().unwrap();
        let mut findings = Findings::default();
        writable(&temporary.path().join("a/b"), &mut findings);
        assert!(findings.is_good() && findings.lines().contains("not there yet"));
        assert!(!temporary.path().join("a").exists());
        std::fs::write(temporary.path().join("file"), "").unwrap();
        writable(&temporary.path().join("file"), &mut findings);
        assert!(!findings.is_good());
    }

    #[test]
    fn who_holds_the_directory_is_told_and_not_disturbed() {
        let temporary = tempfile::TempDir::new().unwrap();
        let told = || {
            let mut findings = Findings::default();
            holder(temporary.path(), &mut findings);
            findings.lines()
        };
        assert!(told().contains("nobody holds it"));
        assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "it made nothing");
        let held = DataDirectory::open(temporary.path()).unwrap();
        assert!(told().contains(&format!("held by process {}", std::process::id())), "{}", told());
        drop(held);
        assert!(told().contains("nobody holds it"));
    }
}
