//! Restoring where there is no room.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::{
    fs, io,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use bespeak_model::network::Network;
use bespeak_store::{Disk, DiskFile, Family, RealDisk};

use super::*;
use crate::{
    backup::{Head, Writer},
    home::{Contents, InitOptions},
};

/// A disk that is full after so many writes.
#[derive(Clone)]
struct Filling(Arc<AtomicUsize>);

impl Filling {
    fn take(&self) -> io::Result<()> {
        let left = self.0.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        left.map(drop).map_err(|_| io::ErrorKind::StorageFull.into())
    }

    fn file(&self, file: Box<dyn DiskFile>) -> Box<dyn DiskFile> {
        Box::new(FillingFile { disk: self.clone(), file })
    }
}

struct FillingFile {
    disk: Filling,
    file: Box<dyn DiskFile>,
}

impl Disk for Filling {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        self.take()?;
        Ok(self.file(RealDisk.create(path)?))
    }

    fn open(&self, path: &Path, write: bool) -> io::Result<Box<dyn DiskFile>> {
        Ok(self.file(RealDisk.open(path, write)?))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        RealDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }

    fn sync_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.sync_dir(path)
    }
}

impl DiskFile for FillingFile {
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.take()?;
        self.file.write_at(offset, bytes)
    }

    fn read_at(&self, offset: u64, bytes: &mut [u8]) -> io::Result<usize> {
        self.file.read_at(offset, bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync()
    }

    fn set_len(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn length(&self) -> io::Result<u64> {
        self.file.length()
    }
}

/// A backup with a few documents that no agent knows, of which several commits are made.
fn backup(file: &Path, role: Role) -> BackupSecret {
    let options = InitOptions { role, name: None, network: Network::main() };
    let contents = Contents::new(&[7; 32], &options);
    let secret = BackupSecret::of_seed(&contents.seed());
    let sealed = secret.encryptor().unwrap().wrap_output(fs::File::create(file).unwrap()).unwrap();
    let head = Head::new(&contents, Time::EPOCH);
    let mut writer = Writer::begin(sealed, &head, &contents.to_bytes().unwrap()).unwrap();
    for number in 0..5_u8 {
        writer.document(Family(200), &[number], &vec![number; 600 << 10]).unwrap();
    }
    writer.end(0).unwrap().finish().unwrap().flush().unwrap();
    secret
}

#[test]
fn a_disk_that_fills_up_at_any_write_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let (file, home) = (dir.path().join("backup.age"), dir.path().join("home"));
    let secret = backup(&file, Role::Customer);
    let mut failed = 0;
    for room in 0..1_000 {
        let disk = Filling(Arc::new(AtomicUsize::new(room)));
        let options = Options { compact_by_itself: false, disk: Arc::new(disk), ..Options::default() };
        match restore_on(&file, &secret, &home, &Protection::Open, options) {
            Ok(restored) => {
                assert_eq!(restored.documents, 5);
                assert!(failed > 3, "it was tried at several writes: {failed}");
                return;
            }
            Err(error) => {
                assert!(matches!(error, BackupError::Copy(_)), "{error}");
                let left: Vec<_> = fs::read_dir(dir.path()).unwrap().flatten().map(|e| e.path()).collect();
                assert_eq!(left, std::slice::from_ref(&file), "after {room} writes");
                failed += 1;
            }
        }
    }
    panic!("it never had room enough");
}

#[test]
fn the_backup_of_a_relay_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup.age");
    let secret = backup(&file, Role::Relay);
    let refused = restore(&file, &secret, &dir.path().join("home"), &Protection::Open);
    assert!(matches!(refused, Err(BackupError::Relay)));
    assert!(!dir.path().join("home").exists());
}
