//! A home that is made from a backup: built beside its place, and put there whole or not at all.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use bespeak_store::HomeLock;

use super::{Contents, Home, HomeError, Protection, State, Unlock, VAULT, files, init, migrate, state};

/// A home under construction. Unless it is finished, nothing of it stays.
pub(crate) struct Rebuilding {
    place: PathBuf,
    partial: PathBuf,
    finished: bool,
}

impl Rebuilding {
    /// Where a home shall be; nothing is written yet.
    ///
    /// # Errors
    /// When there is a home already, or anything else.
    pub(crate) fn at(place: &Path) -> Result<Self, HomeError> {
        let place = std::path::absolute(place).map_err(HomeError::files(place))?;
        if state(&place)? != State::Missing {
            return Err(HomeError::Exists { path: place });
        }
        if !names(&place)?.is_empty() {
            return Err(HomeError::NotEmpty { path: place });
        }
        let mut partial = place.clone().into_os_string();
        partial.push(".partial");
        // Finished so far as there is nothing to clear away.
        Ok(Self { place, partial: partial.into(), finished: true })
    }

    /// Makes the vault, with a master key of its own. The home opened is the one under construction. Blocks.
    ///
    /// # Errors
    /// As [`super::init()`], and when another process is at the same.
    pub(crate) fn begin(&mut self, contents: &Contents, protection: &Protection) -> Result<Home, HomeError> {
        self.clear_leftovers()?;
        self.finished = false;
        files::make_folder(&self.partial)?;
        let vault = init::make_vault(contents, protection.guard())
            .map_err(HomeError::vault(&self.place.join(VAULT)))?;
        files::replace(&self.partial.join(VAULT), &vault.to_bytes())?;
        // The words open it at once, a passphrase after seconds.
        Home::open(&self.partial, &Unlock::Words(contents.seed().phrase()))
    }

    /// What a crash left of an earlier try; nothing else is ever removed.
    fn clear_leftovers(&self) -> Result<(), HomeError> {
        let unfinished = files::unfinished(Path::new(VAULT));
        let ours = [VAULT, "lock", migrate::JOURNAL, migrate::INDEX].map(Path::new);
        let is_ours = |name: &PathBuf| ours.contains(&name.as_path()) || *name == unfinished;
        let found = names(&self.partial)?;
        if found.is_empty() {
            return Ok(());
        }
        if !found.iter().all(is_ours) {
            return Err(HomeError::NotEmpty { path: self.partial.clone() });
        }
        let _lock = HomeLock::take(&self.partial).map_err(HomeError::store(&self.partial))?;
        files::remove_folder(&self.partial)
    }

    /// Puts it in its place; nobody may be at work in it any more.
    ///
    /// # Errors
    /// When something came into its place meanwhile, or the file system refuses.
    pub(crate) fn finish(mut self) -> Result<PathBuf, HomeError> {
        match fs::remove_dir(&self.place) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(HomeError::files(&self.place)(error));
            }
            _ => files::rename(&self.partial, &self.place)?,
        }
        self.finished = true;
        Ok(self.place.clone())
    }
}

impl Drop for Rebuilding {
    fn drop(&mut self) {
        if !self.finished
            && let Err(error) = files::remove_folder(&self.partial)
        {
            tracing::error!(target: "bespeak::node", %error, "unfinished_home_left");
        }
    }
}

/// What lies in a folder; nothing when it is not there.
fn names(folder: &Path) -> Result<Vec<PathBuf>, HomeError> {
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(HomeError::files(folder)(error)),
        Ok(entries) => {
            let names = entries.map(|entry| entry.map(|entry| entry.file_name().into()));
            names.collect::<Result<_, _>>().map_err(HomeError::files(folder))
        }
    }
}
