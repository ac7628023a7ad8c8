//! A volume kept in memory that knows what of it is durable: a file's bytes after they were synced, a name after its directory
//! was. A power cut leaves what is durable, and of the rest what chance lets through, whole, in part, or not at all.
//!
//! It is harsher than the file systems people have: what was not synced may arrive in any order, a new file's name is not
//! durable with its contents, and a file may have grown without what it grew by.

pub(crate) mod dice;
pub(crate) mod disk;
pub(crate) mod drive;
mod file;
#[cfg(target_os = "linux")]
pub(crate) mod fuse;

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use dice::Dice;
use file::File;

/// The number of a file or directory.
pub(crate) type Number = u64;
/// The number of the topmost directory; FUSE's as well.
pub(crate) const ROOT: Number = 1;

/// A POSIX error number.
pub(crate) type Code = i32;
pub(crate) const ENOENT: Code = 2;
pub(crate) const EIO: Code = 5;
pub(crate) const EEXIST: Code = 17;
pub(crate) const EXDEV: Code = 18;
pub(crate) const ENOTDIR: Code = 20;
pub(crate) const EISDIR: Code = 21;
pub(crate) const ENOSPC: Code = 28;
pub(crate) const EROFS: Code = 30;
pub(crate) const ENOTEMPTY: Code = 39;

type Names = BTreeMap<OsString, Number>;

#[derive(Clone, Default)]
struct Directory {
    now: Names,
    durable: Names,
    unsynced: Vec<NameChange>,
}

#[derive(Clone)]
enum NameChange {
    Link(OsString, Number),
    Unlink(OsString),
    /// One step: never both names, never neither.
    Rename(OsString, OsString, Number),
}

impl NameChange {
    fn apply(&self, names: &mut Names) {
        match self {
            Self::Link(name, number) => drop(names.insert(name.clone(), *number)),
            Self::Unlink(name) => drop(names.remove(name)),
            Self::Rename(from, to, number) => {
                names.remove(from);
                names.insert(to.clone(), *number);
            }
        }
    }
}

#[derive(Clone)]
enum Node {
    File(File),
    Directory(Directory),
}

/// Files and directories, those deleted among them: somebody may have them open.
#[derive(Clone)]
pub(crate) struct Volume {
    nodes: BTreeMap<Number, Node>,
    next: Number,
}

impl Volume {
    pub(crate) fn new() -> Self {
        Self { nodes: BTreeMap::from([(ROOT, Node::Directory(Directory::default()))]), next: ROOT + 1 }
    }

    fn directory(&mut self, number: Number) -> Result<&mut Directory, Code> {
        match self.nodes.get_mut(&number) {
            Some(Node::Directory(directory)) => Ok(directory),
            Some(Node::File(_)) => Err(ENOTDIR),
            None => Err(ENOENT),
        }
    }

    fn file(&mut self, number: Number) -> Result<&mut File, Code> {
        match self.nodes.get_mut(&number) {
            Some(Node::File(file)) => Ok(file),
            Some(Node::Directory(_)) => Err(EISDIR),
            None => Err(ENOENT),
        }
    }

    pub(crate) fn lookup(&self, parent: Number, name: &OsStr) -> Result<Number, Code> {
        match self.nodes.get(&parent) {
            Some(Node::Directory(directory)) => directory.now.get(name).copied().ok_or(ENOENT),
            Some(Node::File(_)) => Err(ENOTDIR),
            None => Err(ENOENT),
        }
    }

    /// The length of a file; `None` for a directory.
    pub(crate) fn length(&self, number: Number) -> Result<Option<u64>, Code> {
        match self.nodes.get(&number) {
            Some(Node::File(file)) => Ok(Some(file.bytes().len() as u64)),
            Some(Node::Directory(_)) => Ok(None),
            None => Err(ENOENT),
        }
    }

    pub(crate) fn list(&mut self, number: Number) -> Result<Vec<(OsString, Number)>, Code> {
        Ok(self.directory(number)?.now.iter().map(|(name, number)| (name.clone(), *number)).collect())
    }

    pub(crate) fn read(&mut self, number: Number, offset: u64, most: usize) -> Result<Vec<u8>, Code> {
        let bytes = self.file(number)?.bytes();
        let from = (offset as usize).min(bytes.len());
        Ok(bytes[from..(from + most).min(bytes.len())].to_vec())
    }

    pub(crate) fn write(&mut self, number: Number, offset: u64, bytes: &[u8]) -> Result<(), Code> {
        self.file(number)?.write(offset, bytes);
        Ok(())
    }

    pub(crate) fn set_length(&mut self, number: Number, length: u64) -> Result<(), Code> {
        self.file(number)?.set_length(length);
        Ok(())
    }

    /// `fsync` of a file or of a directory, which is not that of what lies in it.
    pub(crate) fn sync(&mut self, number: Number) -> Result<(), Code> {
        match self.nodes.get_mut(&number).ok_or(ENOENT)? {
            Node::File(file) => file.sync(),
            Node::Directory(directory) => {
                let Directory { durable, unsynced, .. } = directory;
                unsynced.drain(..).for_each(|change| change.apply(durable));
            }
        }
        Ok(())
    }

    pub(crate) fn create(&mut self, parent: Number, name: &OsStr) -> Result<Number, Code> {
        self.make(parent, name, Node::File(File::default()))
    }

    pub(crate) fn make_directory(&mut self, parent: Number, name: &OsStr) -> Result<Number, Code> {
        self.make(parent, name, Node::Directory(Directory::default()))
    }

    fn make(&mut self, parent: Number, name: &OsStr, node: Node) -> Result<Number, Code> {
        let number = self.next;
        if self.directory(parent)?.now.contains_key(name) {
            return Err(EEXIST);
        }
        self.change(parent, NameChange::Link(name.to_owned(), number))?;
        self.nodes.insert(number, node);
        self.next += 1;
        Ok(number)
    }

    pub(crate) fn unlink(&mut self, parent: Number, name: &OsStr) -> Result<(), Code> {
        let number = self.lookup(parent, name)?;
        self.file(number)?;
        self.change(parent, NameChange::Unlink(name.to_owned()))
    }

    pub(crate) fn remove_directory(&mut self, parent: Number, name: &OsStr) -> Result<(), Code> {
        let number = self.lookup(parent, name)?;
        if !self.directory(number)?.now.is_empty() {
            return Err(ENOTEMPTY);
        }
        self.change(parent, NameChange::Unlink(name.to_owned()))
    }

    /// Within one directory: nobody here needs more.
    pub(crate) fn rename(&mut self, parent: Number, from: &OsStr, to: &OsStr) -> Result<(), Code> {
        let number = self.lookup(parent, from)?;
        self.change(parent, NameChange::Rename(from.to_owned(), to.to_owned(), number))
    }

    fn change(&mut self, parent: Number, change: NameChange) -> Result<(), Code> {
        let directory = self.directory(parent)?;
        change.apply(&mut directory.now);
        directory.unsynced.push(change);
        Ok(())
    }

    /// What is found after the power was cut now.
    pub(crate) fn after_power_cut(&self, dice: &mut Dice) -> Self {
        let nodes = self.nodes.iter().map(|(number, node)| (*number, node.after_power_cut(dice))).collect();
        let mut left = Self { nodes, next: self.next };
        // A name may have come through without what it names: then it names something empty, as after a check of the disk.
        let reachable = left.reachable();
        left.nodes.retain(|number, _| reachable.contains(number));
        left
    }

    fn reachable(&self) -> Vec<Number> {
        let mut found = vec![ROOT];
        let mut next = 0;
        while let Some(number) = found.get(next) {
            if let Some(Node::Directory(directory)) = self.nodes.get(number) {
                found.extend(directory.now.values());
            }
            next += 1;
        }
        found
    }
}

impl Node {
    fn after_power_cut(&self, dice: &mut Dice) -> Self {
        match self {
            Self::File(file) => Self::File(file.after_power_cut(dice)),
            Self::Directory(Directory { durable, unsynced, .. }) => {
                let mut names = durable.clone();
                // In half of the cases the first of them, as a journal of names would have it, else any.
                let (in_order, first) = (dice.roll(2) == 0, dice.roll(unsynced.len() as u64 + 1) as usize);
                for (index, change) in unsynced.iter().enumerate() {
                    if if in_order { index < first } else { dice.roll(2) == 0 } {
                        change.apply(&mut names);
                    }
                }
                Self::Directory(Directory { now: names.clone(), durable: names, unsynced: Vec::new() })
            }
        }
    }
}
