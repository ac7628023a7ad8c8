//! Records of different lengths, one behind the other, in pieces of bounded size: growing never copies what is there.

/// Words of one piece. Source: a record has at most about 250, so that little is left over at the end of a piece,
/// and 256 KiB are quickly had.
const PIECE: usize = 1 << 16;

/// Where records lie.
#[derive(Clone, Debug, Default)]
pub(super) struct Pool {
    pieces: Vec<Vec<u32>>,
    /// Places of removed records, by their length.
    free: Vec<Vec<u32>>,
}

impl Pool {
    /// Keeps a record and tells where.
    pub(super) fn put(&mut self, record: &[u32]) -> u32 {
        if let Some(at) = self.free.get_mut(record.len()).and_then(Vec::pop) {
            if let Some(place) = self.slice_mut(at, record.len()) {
                place.copy_from_slice(record);
            }
            return at;
        }
        if self.pieces.last().is_none_or(|piece| piece.len() + record.len() > PIECE) {
            self.pieces.push(Vec::new());
        }
        let number = self.pieces.len() - 1;
        let Some(piece) = self.pieces.last_mut() else { return 0 };
        let at = number * PIECE + piece.len();
        piece.extend_from_slice(record);
        // `MAX_RULES` records of their greatest length are fewer words than a u32 counts.
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// What lies from there on: the record, and whatever is behind it.
    pub(super) fn from(&self, at: u32) -> &[u32] {
        let (piece, start) = (at as usize / PIECE, at as usize % PIECE);
        self.pieces.get(piece).and_then(|piece| piece.get(start..)).unwrap_or_default()
    }

    /// Gives the place of a record away.
    pub(super) fn remove(&mut self, at: u32, length: usize) {
        if self.free.len() <= length {
            self.free.resize(length + 1, Vec::new());
        }
        if let Some(free) = self.free.get_mut(length) {
            free.push(at);
        }
    }

    fn slice_mut(&mut self, at: u32, length: usize) -> Option<&mut [u32]> {
        let (piece, start) = (at as usize / PIECE, at as usize % PIECE);
        self.pieces.get_mut(piece)?.get_mut(start..start + length)
    }

    /// Sets one word of a record.
    pub(super) fn set(&mut self, at: u32, word: usize, value: u32) {
        if let Some(place) = self.slice_mut(at, word + 1).and_then(|words| words.last_mut()) {
            *place = value;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_stay_where_they_are_and_places_are_used_again() {
        let mut pool = Pool::default();
        let places: Vec<u32> =
            (0..40_000).map(|number| pool.put(&[number, number + 1, number + 2])).collect();
        for (number, at) in (0_u32..).zip(&places) {
            assert_eq!(pool.from(*at).get(..3), Some([number, number + 1, number + 2].as_slice()));
        }
        pool.remove(places[7], 3);
        assert_ne!(pool.put(&[1, 2]), places[7]);
        assert_eq!(pool.put(&[9, 8, 7]), places[7]);
        pool.set(places[7], 1, 5);
        assert_eq!(pool.from(places[7]).get(..3), Some([9, 5, 7].as_slice()));
        assert_eq!(pool.from(u32::MAX), &[] as &[u32]);
    }
}
