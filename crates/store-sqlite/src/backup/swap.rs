//! The swap: what is in a data directory is moved aside, and what was copied into it is moved up.
//!
//! The folder that is moved up from is the mark that this is under way, and no server starts where it is. It is there, and on the disk,
//! before the first move, and goes after the last one is on the disk. That holds too where an earlier swap was killed and has left its
//! own: a rename puts the new folder in the place of the old one, which is emptied first and so is there until then.

use std::path::{Path, PathBuf};

use super::copy::sync;
use super::error::{BackupError, unusable};
use super::make::remove;
use crate::directory::MOVING;

/// The folder into which the copies are made. Whatever is in it, the directory is as it was.
pub const COPYING: &str = "restore-copying";

/// Asked before everything that is changed in the directory. A test ends the swap there, as a kill would.
pub type Step<'s> = &'s mut dyn FnMut() -> Result<(), BackupError>;

/// Moves what is `taken` into the folder `aside`, if there is one, and what was copied to its place. The copies are on the disk.
pub fn swap(
    target: &Path,
    taken: &[PathBuf],
    aside: Option<&Path>,
    step: Step<'_>,
) -> Result<(), BackupError> {
    let moving = target.join(MOVING);
    mark(&target.join(COPYING), &moving, step)?;
    sync(target)?;
    if let Some(aside) = aside {
        std::fs::create_dir_all(aside).map_err(unusable(aside))?;
        move_all(taken, aside, step)?;
    }
    move_all(&entries(&moving)?, target, step)?;
    step()?;
    std::fs::remove_dir(&moving).map_err(unusable(&moving))?;
    sync(target)
}

/// What is in the directory.
pub fn entries(directory: &Path) -> Result<Vec<PathBuf>, BackupError> {
    let entries = std::fs::read_dir(directory).map_err(unusable(directory))?;
    entries.map(|entry| Ok(entry.map_err(unusable(directory))?.path())).collect()
}

/// Makes the copies the mark, in the place of that of an earlier swap if there is one.
fn mark(copying: &Path, moving: &Path, step: Step<'_>) -> Result<(), BackupError> {
    if moving.exists() {
        for left in entries(moving)? {
            step()?;
            remove(&left).map_err(unusable(&left))?;
        }
    }
    step()?;
    std::fs::rename(copying, moving).map_err(unusable(moving))
}

/// Moves all of these into the folder.
fn move_all(paths: &[PathBuf], folder: &Path, step: Step<'_>) -> Result<(), BackupError> {
    for path in paths {
        step()?;
        let place = folder.join(path.file_name().unwrap_or_default());
        std::fs::rename(path, &place).map_err(unusable(path))?;
    }
    sync(folder)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;
    use crate::directory::DataDirectory;

    const FILES: [&str; 2] = ["a.db", "b.db"];

    fn write(directory: &Path, content: &str) {
        fs::create_dir_all(directory).unwrap();
        for name in FILES {
            fs::write(directory.join(name), content).unwrap();
        }
    }

    fn read(directory: &Path) -> Vec<Option<String>> {
        FILES.iter().map(|name| fs::read_to_string(directory.join(name)).ok()).collect()
    }

    fn all(content: &str) -> Vec<Option<String>> {
        FILES.iter().map(|_| Some(content.to_owned())).collect()
    }

    /// Copies, and swaps until killed before so many steps. Answers whether that was the end of it.
    fn swap_until(kill: usize, target: &Path, aside: &str) -> bool {
        let taken: Vec<_> = FILES.iter().map(|name| target.join(name)).filter(|path| path.exists()).collect();
        let _ = fs::remove_dir_all(target.join(COPYING));
        write(&target.join(COPYING), "new");
        let mut left = kill;
        let mut step = || {
            let goes_on = left.checked_sub(1);
            left = goes_on.unwrap_or(0);
            goes_on.map(drop).ok_or_else(|| BackupError::NoData(PathBuf::new()))
        };
        swap(target, &taken, Some(&target.join(aside)), &mut step).is_ok()
    }

    /// Whether a server would start there. What it would find is of one piece then.
    fn starts(target: &Path) -> bool {
        let starts = DataDirectory::open(target).is_ok();
        assert!(!starts || [all("old"), all("new")].contains(&read(target)), "{:?}", read(target));
        starts
    }

    /// A directory with old files in which a swap was killed before so many steps.
    fn killed_at(kill: usize) -> Option<TempDir> {
        let directory = TempDir::new().unwrap();
        write(directory.path(), "old");
        (!swap_until(kill, directory.path(), "aside")).then_some(directory)
    }

    #[test]
    fn wherever_it_is_killed_no_server_takes_half_of_it_and_a_second_one_mends_it() {
        let kills = (0..).map_while(killed_at).inspect(|directory| {
            starts(directory.path());
            assert!(swap_until(usize::MAX, directory.path(), "again"));
            assert!(starts(directory.path()));
            assert_eq!(read(directory.path()), all("new"));
        });
        assert_eq!(kills.count(), 6, "the mark, two moves aside, two moves up, the end");
    }

    /// Where the first was killed between its moves, the second one has nothing to show before its end.
    #[test]
    fn a_second_one_that_is_killed_too_leaves_the_mark() {
        for first in 2..=5 {
            for second in 0.. {
                let directory = killed_at(first).unwrap();
                if swap_until(second, directory.path(), "again") {
                    break;
                }
                assert!(
                    !starts(directory.path()),
                    "killed before step {first}, and again before step {second}"
                );
            }
        }
    }
}
