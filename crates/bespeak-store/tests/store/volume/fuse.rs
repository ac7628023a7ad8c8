//! A volume mounted as a real file system, so that what the operating system stands between runs on it: sled's files too.

use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use fuser::{
    BackgroundSession, BsdFileFlags, Config, Errno, FileAttr, FileHandle, FileType, Filesystem, FopenFlags,
    Generation, INodeNo, LockOwner, MountOption, OpenFlags, RenameFlags, ReplyAttr, ReplyCreate, ReplyData,
    ReplyDirectory, ReplyEmpty, ReplyEntry, ReplyWrite, Request, TimeOrNow, WriteFlags,
};

use super::drive::{Drive, Step};
use super::{Code, EXDEV, Number, Volume};

/// The kernel may remember what it was told: nobody else alters the volume.
const KNOWN: Duration = Duration::from_secs(3600);

/// Mounts a volume in an empty directory; it is there until this is dropped.
pub(crate) fn mount(drive: Drive, at: &Path) -> io::Result<BackgroundSession> {
    let mut config = Config::default();
    config.mount_options = vec![MountOption::FSName("bespeak-test".into()), MountOption::NoAtime];
    fuser::spawn_mount(Mounted(drive), at, &config)
}

struct Mounted(Drive);

fn attributes(request: &Request, volume: &Volume, number: Number) -> Result<FileAttr, Code> {
    let length = volume.length(number)?;
    let (kind, perm) = match length {
        Some(_) => (FileType::RegularFile, 0o600),
        None => (FileType::Directory, 0o700),
    };
    let size = length.unwrap_or(0);
    Ok(FileAttr {
        ino: INodeNo(number),
        size,
        blocks: size.div_ceil(512),
        atime: UNIX_EPOCH,
        mtime: UNIX_EPOCH,
        ctime: UNIX_EPOCH,
        crtime: UNIX_EPOCH,
        kind,
        perm,
        nlink: 1,
        uid: request.uid(),
        gid: request.gid(),
        rdev: 0,
        blksize: 4096,
        flags: 0,
    })
}

/// Answers with a success, or with the error.
macro_rules! answer {
    ($reply:ident, $outcome:expr, $found:pat => $success:expr) => {
        match $outcome {
            Ok($found) => $success,
            Err(code) => $reply.error(Errno::from_i32(code)),
        }
    };
}

impl Filesystem for Mounted {
    fn lookup(&self, request: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEntry) {
        let found = self.0.look(|volume| attributes(request, volume, volume.lookup(parent.0, name)?));
        answer!(reply, found, found => reply.entry(&KNOWN, &found, Generation(0)));
    }

    fn getattr(&self, request: &Request, number: INodeNo, _: Option<FileHandle>, reply: ReplyAttr) {
        let found = self.0.look(|volume| attributes(request, volume, number.0));
        answer!(reply, found, found => reply.attr(&KNOWN, &found));
    }

    /// Of what can be set only the length counts here.
    fn setattr(
        &self,
        request: &Request,
        number: INodeNo,
        _: Option<u32>,
        _: Option<u32>,
        _: Option<u32>,
        size: Option<u64>,
        _: Option<TimeOrNow>,
        _: Option<TimeOrNow>,
        _: Option<SystemTime>,
        _: Option<FileHandle>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<SystemTime>,
        _: Option<BsdFileFlags>,
        reply: ReplyAttr,
    ) {
        let done = size.map_or(Ok(()), |length| {
            self.0.alter(Step::Change, |volume| volume.set_length(number.0, length))
        });
        let found = done.and_then(|()| self.0.look(|volume| attributes(request, volume, number.0)));
        answer!(reply, found, found => reply.attr(&KNOWN, &found));
    }

    fn mkdir(&self, request: &Request, parent: INodeNo, name: &OsStr, _: u32, _: u32, reply: ReplyEntry) {
        let made = self.0.alter(Step::Change, |volume| {
            let number = volume.make_directory(parent.0, name)?;
            attributes(request, volume, number)
        });
        answer!(reply, made, made => reply.entry(&KNOWN, &made, Generation(0)));
    }

    fn unlink(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let done = self.0.alter(Step::Change, |volume| volume.unlink(parent.0, name));
        answer!(reply, done, () => reply.ok());
    }

    fn rmdir(&self, _: &Request, parent: INodeNo, name: &OsStr, reply: ReplyEmpty) {
        let done = self.0.alter(Step::Change, |volume| volume.remove_directory(parent.0, name));
        answer!(reply, done, () => reply.ok());
    }

    fn rename(
        &self,
        _: &Request,
        parent: INodeNo,
        name: &OsStr,
        new_parent: INodeNo,
        new_name: &OsStr,
        _: RenameFlags,
        reply: ReplyEmpty,
    ) {
        let within = if parent == new_parent { Ok(()) } else { Err(EXDEV) };
        let done = within
            .and_then(|()| self.0.alter(Step::Change, |volume| volume.rename(parent.0, name, new_name)));
        answer!(reply, done, () => reply.ok());
    }

    fn create(
        &self,
        request: &Request,
        parent: INodeNo,
        name: &OsStr,
        _: u32,
        _: u32,
        _: i32,
        reply: ReplyCreate,
    ) {
        let made = self.0.alter(Step::Change, |volume| {
            let number = volume.create(parent.0, name)?;
            attributes(request, volume, number)
        });
        let none = (FileHandle(0), FopenFlags::empty());
        answer!(reply, made, made => reply.created(&KNOWN, &made, Generation(0), none.0, none.1));
    }

    fn read(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        size: u32,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyData,
    ) {
        let found = self.0.look(|volume| volume.read(number.0, offset, size as usize));
        answer!(reply, found, found => reply.data(&found));
    }

    fn write(
        &self,
        _: &Request,
        number: INodeNo,
        _: FileHandle,
        offset: u64,
        data: &[u8],
        _: WriteFlags,
        _: OpenFlags,
        _: Option<LockOwner>,
        reply: ReplyWrite,
    ) {
        let done = self.0.alter(Step::Change, |volume| volume.write(number.0, offset, data));
        answer!(reply, done, () => reply.written(data.len() as u32));
    }

    fn flush(&self, _: &Request, _: INodeNo, _: FileHandle, _: LockOwner, reply: ReplyEmpty) {
        reply.ok();
    }

    fn fsync(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let done = self.0.alter(Step::Sync, |volume| volume.sync(number.0));
        answer!(reply, done, () => reply.ok());
    }

    fn fsyncdir(&self, _: &Request, number: INodeNo, _: FileHandle, _: bool, reply: ReplyEmpty) {
        let done = self.0.alter(Step::Sync, |volume| volume.sync(number.0));
        answer!(reply, done, () => reply.ok());
    }

    fn readdir(&self, _: &Request, number: INodeNo, _: FileHandle, offset: u64, mut reply: ReplyDirectory) {
        let names = self.0.look(|volume| {
            let mut found = Vec::new();
            for (name, number) in volume.list(number.0)? {
                let file = volume.length(number)?.is_some();
                found.push((if file { FileType::RegularFile } else { FileType::Directory }, name, number));
            }
            Ok(found)
        });
        answer!(reply, names, names => {
            for (index, (kind, name, number)) in names.into_iter().enumerate().skip(offset as usize) {
                if reply.add(INodeNo(number), index as u64 + 1, kind, name) {
                    break;
                }
            }
            reply.ok();
        });
    }
}
