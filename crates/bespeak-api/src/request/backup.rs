//! Asking for a backup.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zeroize::{Zeroize, Zeroizing};

/// Make a backup. Wiped when dropped, never printed.
#[derive(Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    /// What opens it, at least 8 characters; the 24 words of the party when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    passphrase: Option<String>,
}

impl Backup {
    /// To a passphrase, or to the 24 words.
    pub fn to(passphrase: Option<&str>) -> Self {
        Self { passphrase: passphrase.map(str::to_owned) }
    }

    /// The passphrase.
    pub(crate) fn take(mut self) -> Option<Zeroizing<String>> {
        self.passphrase.take().map(Zeroizing::new)
    }
}

impl Drop for Backup {
    fn drop(&mut self) {
        self.passphrase.zeroize();
    }
}
