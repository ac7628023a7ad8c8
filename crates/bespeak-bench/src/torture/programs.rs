//! Where the programs are.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use super::TortureError;

/// The folder of this program, into which the two programs are built as the sources are now, when cargo runs this.
///
/// # Errors
/// When they cannot be built, or are not there and nobody can build them.
pub fn beside() -> Result<PathBuf, TortureError> {
    let own = std::env::current_exe().map_err(TortureError::set_up)?;
    let folder = own.parent().ok_or_else(|| TortureError::set_up("this program lies in no folder"))?;
    if let Some(cargo) = std::env::var_os("CARGO") {
        build(Path::new(&cargo), folder)?;
    }
    for name in ["bespeak", "bespeak-relay"] {
        let program = folder.join(name);
        if !program.is_file() {
            let sentence = format!("there is no program at {}; name their folder", program.display());
            return Err(TortureError::set_up(sentence));
        }
    }
    Ok(folder.to_owned())
}

fn build(cargo: &Path, folder: &Path) -> Result<(), TortureError> {
    let mut build = Command::new(cargo);
    build.args(["build", "--locked", "--package", "bespeak", "--package", "bespeak-relay"]);
    if folder.ends_with("release") {
        build.arg("--release");
    }
    build.arg("--target-dir").arg(folder.parent().unwrap_or(folder)).current_dir(env!("CARGO_MANIFEST_DIR"));
    // What cargo told this program of its package would look to build scripts like a change.
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") {
            build.env_remove(&name);
        }
    }
    let done = build.status().map_err(TortureError::set_up)?;
    if done.success() { Ok(()) } else { Err(TortureError::set_up("the programs could not be built")) }
}
