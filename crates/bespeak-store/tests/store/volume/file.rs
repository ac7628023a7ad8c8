//! A file of a volume: what it says, and what of that is durable.

use super::dice::Dice;

/// What a disk writes whole or not at all, in bytes: the sector of the disks there have been since the first.
const SECTOR: u64 = 512;

#[derive(Clone, Default)]
pub(super) struct File {
    now: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
}

#[derive(Clone)]
enum Change {
    Write(u64, Vec<u8>),
    Length(u64),
}

/// What becomes of one write that was not synced.
enum Fate {
    Whole,
    Lost,
    /// Some of its sectors.
    Torn,
    /// The file has grown, by zeros.
    Grown,
}

impl File {
    pub(super) fn bytes(&self) -> &[u8] {
        &self.now
    }

    pub(super) fn write(&mut self, offset: u64, bytes: &[u8]) {
        self.change(Change::Write(offset, bytes.to_vec()));
    }

    pub(super) fn set_length(&mut self, length: u64) {
        self.change(Change::Length(length));
    }

    fn change(&mut self, change: Change) {
        change.apply(&mut self.now);
        self.unsynced.push(change);
    }

    pub(super) fn sync(&mut self) {
        let Self { durable, unsynced, .. } = self;
        unsynced.drain(..).for_each(|change| change.apply(durable));
    }

    pub(super) fn after_power_cut(&self, dice: &mut Dice) -> Self {
        let mut left = self.durable.clone();
        let (how, first) = (dice.roll(4), dice.roll(self.unsynced.len() as u64 + 1) as usize);
        for (index, change) in self.unsynced.iter().enumerate() {
            let fate = match how {
                0 => Fate::Lost,
                // In order, and torn at the end.
                1 if index < first => Fate::Whole,
                1 if index == first => Fate::Torn,
                1 => Fate::Lost,
                _ => match dice.roll(4) {
                    0 => Fate::Whole,
                    1 => Fate::Lost,
                    2 => Fate::Torn,
                    _ => Fate::Grown,
                },
            };
            change.apply_in_part(&fate, &mut left, dice);
        }
        Self { now: left.clone(), durable: left, unsynced: Vec::new() }
    }
}

impl Change {
    fn apply(&self, file: &mut Vec<u8>) {
        match self {
            Self::Write(offset, bytes) => put(file, *offset, bytes),
            Self::Length(length) => file.resize(*length as usize, 0),
        }
    }

    fn apply_in_part(&self, fate: &Fate, file: &mut Vec<u8>, dice: &mut Dice) {
        match (self, fate) {
            (_, Fate::Lost) => {}
            (_, Fate::Whole) | (Self::Length(_), _) => self.apply(file),
            (Self::Write(offset, bytes), Fate::Grown) => grow(file, offset + bytes.len() as u64),
            (Self::Write(offset, bytes), Fate::Torn) => {
                let (mut at, end) = (*offset, offset + bytes.len() as u64);
                while at < end {
                    let next = ((at / SECTOR + 1) * SECTOR).min(end);
                    if dice.roll(2) == 0 {
                        put(file, at, &bytes[(at - offset) as usize..(next - offset) as usize]);
                    }
                    at = next;
                }
            }
        }
    }
}

fn grow(file: &mut Vec<u8>, length: u64) {
    if (file.len() as u64) < length {
        file.resize(length as usize, 0);
    }
}

fn put(file: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
    let end = offset + bytes.len() as u64;
    grow(file, end);
    file[offset as usize..end as usize].copy_from_slice(bytes);
}
