//! Homes that have lived: a vendor and a customer who traded, talked, imported goods and kept personal data.

use std::{
    fs::Permissions,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use bespeak_api::{Doors, Serving, client::Client};
use bespeak_node::{
    Node, Once, Protection, Role, Unlock,
    home::{Cost, Passphrase, change_passphrase},
};
use tempfile::TempDir;

use super::{DamageError, hurt, judge::Shown, shown};
use crate::{
    dice::Dice,
    market::Market,
    torture::{Clients, Ledger, trade},
};

/// Times everything is done. Source: wild guess; the journal has some hundred documents then.
const ROUNDS: usize = 3;
/// A key under which something was done.
const KEY: &str = "a key of the owner";

/// What opens the one that is locked.
const PASSPHRASE: &str = "correct horse battery";
/// A home as it was before there were vaults.
const EARLIER: &str = "../../tests/homes/v1";

/// A home, and what its node showed when it was whole.
pub(crate) struct Lived {
    pub(crate) path: PathBuf,
    pub(crate) role: Role,
    /// What opens it.
    pub(crate) unlock: Unlock,
    /// A request that was done once.
    pub(crate) once: Once,
    pub(crate) whole: Shown,
    /// Goes with the last of them.
    folder: Arc<TempDir>,
}

/// Makes both.
pub(crate) async fn make(seed: u64) -> Result<Vec<Lived>, DamageError> {
    let folder = Arc::new(tempfile::tempdir().map_err(DamageError::set_up)?);
    let mut market = Market::open().await.map_err(DamageError::set_up)?;
    let names = [("vendor", Role::Vendor), ("customer", Role::Customer)];
    let mut open = Vec::new();
    for (name, role) in names {
        let node = market.start(name, role).await.map_err(DamageError::set_up)?;
        open.push(serve(node).await?);
    }
    let clients = Clients {
        vendor: Client::new(&market.home("vendor")),
        customer: Client::new(&market.home("customer")),
    };
    let ledger = Arc::new(Ledger::default());
    trade(clients, &ledger, Dice::of(seed, 1), ROUNDS).await.map_err(DamageError::set_up)?;
    let once = Once::new(KEY, [7; 32]);
    once.clone()
        .during(crate::market::want(&open[1].0, "a tea pot", "furniture"))
        .await
        .map_err(DamageError::set_up)?;
    if ledger.completed() != ROUNDS {
        return Err(DamageError::set_up("the two did not come to their deals"));
    }
    for (node, serving) in open {
        serving.stop().await;
        node.shutdown().await;
    }
    let mut lived = Vec::new();
    let homes = names.map(|(name, role)| (name, market.home(name), role));
    let earlier = Path::new(env!("CARGO_MANIFEST_DIR")).join(EARLIER);
    for (name, from, role) in homes.into_iter().chain([("earlier", earlier, Role::Customer)]) {
        let path = folder.path().join(name);
        hurt::copy(&from, &path).map_err(DamageError::set_up)?;
        close_to_others(&path).map_err(DamageError::set_up)?;
        let mut home = Lived {
            path,
            role,
            unlock: Unlock::Open,
            once: once.clone(),
            whole: Shown::default(),
            folder: Arc::clone(&folder),
        };
        // Of a copy: opening a home of an earlier version makes another of it.
        home.whole = shown(&home).await?;
        lived.push(home);
    }
    market.close().await;
    Ok(lived)
}

/// A home like another behind a passphrase, as cheap as one may be.
pub(crate) async fn lock(home: &Lived) -> Result<Lived, DamageError> {
    let path = home.path.with_extension("locked");
    hurt::copy(&home.path, &path).map_err(DamageError::set_up)?;
    close_to_others(&path).map_err(DamageError::set_up)?;
    let passphrase = Passphrase::new(PASSPHRASE).map_err(DamageError::set_up)?;
    let protection = Protection::Passphrase(passphrase.clone(), Cost::LEAST);
    change_passphrase(&path, &Unlock::Open, &protection).map_err(DamageError::set_up)?;
    let (once, folder) = (home.once.clone(), Arc::clone(&home.folder));
    let unlock = Unlock::Passphrase(passphrase);
    let mut locked = Lived { path, role: home.role, unlock, once, whole: Shown::default(), folder };
    locked.whole = shown(&locked).await?;
    Ok(locked)
}

/// A version control remembers no such permissions.
fn close_to_others(home: &Path) -> std::io::Result<()> {
    std::fs::set_permissions(home, Permissions::from_mode(0o700))?;
    hurt::files(home)?
        .iter()
        .try_for_each(|file| std::fs::set_permissions(file, Permissions::from_mode(0o600)))
}

async fn serve(node: Node) -> Result<(Node, Serving), DamageError> {
    let port = "127.0.0.1:0".parse().map_err(DamageError::set_up)?;
    let doors = Doors { home: node.home().to_owned(), port: Some(port) };
    let serving = bespeak_api::serve(node.clone(), &doors).await.map_err(DamageError::set_up)?;
    Ok((node, serving))
}
