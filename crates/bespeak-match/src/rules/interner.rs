//! Small numbers for things that many rules name, for as long as one of them does.

use std::borrow::Borrow;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// Numbers things from 0; the number of a thing that is no longer held is given to another.
#[derive(Clone, Debug)]
pub(super) struct Interner<T> {
    numbers: FxHashMap<T, u32>,
    things: Vec<Option<(T, u32)>>,
    free: Vec<u32>,
}

impl<T> Default for Interner<T> {
    fn default() -> Self {
        Self { numbers: FxHashMap::default(), things: Vec::new(), free: Vec::new() }
    }
}

impl<T: Hash + Eq + Clone> Interner<T> {
    /// The number of a thing that is held.
    pub(super) fn number<Q>(&self, thing: &Q) -> Option<u32>
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        self.numbers.get(thing).copied()
    }

    /// Holds a thing once more.
    pub(super) fn hold<Q>(&mut self, thing: &Q, make: impl FnOnce(&Q) -> T) -> u32
    where
        T: Borrow<Q>,
        Q: Hash + Eq + ?Sized,
    {
        if let Some(number) = self.number(thing) {
            if let Some(Some((_, held))) = self.things.get_mut(number as usize) {
                *held += 1;
            }
            return number;
        }
        let made = make(thing);
        // Rules are fewer than a u32 counts, and each names a bounded number of things.
        let number = self.free.pop().unwrap_or(u32::try_from(self.things.len()).unwrap_or(u32::MAX));
        match self.things.get_mut(number as usize) {
            Some(slot) => *slot = Some((made.clone(), 1)),
            None => self.things.push(Some((made.clone(), 1))),
        }
        self.numbers.insert(made, number);
        number
    }

    /// Lets a thing go once; gives it back when nobody holds it any more.
    pub(super) fn release(&mut self, number: u32) -> Option<T> {
        let slot = self.things.get_mut(number as usize)?;
        let (_, held) = slot.as_mut()?;
        *held -= 1;
        if *held > 0 {
            return None;
        }
        let (thing, _) = slot.take()?;
        self.numbers.remove(&thing);
        self.free.push(number);
        Some(thing)
    }

    /// The thing of a number.
    pub(super) fn thing(&self, number: u32) -> Option<&T> {
        self.things.get(number as usize)?.as_ref().map(|(thing, _)| thing)
    }

    /// How often it is held.
    pub(super) fn held(&self, number: u32) -> u32 {
        self.things.get(number as usize).and_then(Option::as_ref).map_or(0, |(_, held)| *held)
    }

    /// Above every number in use.
    pub(super) fn bound(&self) -> usize {
        self.things.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_given_again_when_nobody_holds_the_thing() {
        let mut words: Interner<String> = Interner::default();
        let one = words.hold("one", str::to_owned);
        assert_eq!((one, words.hold("one", str::to_owned)), (0, 0));
        assert_eq!(words.hold("two", str::to_owned), 1);
        assert_eq!((words.release(one), words.held(one)), (None, 1));
        assert_eq!(words.release(one), Some("one".to_owned()));
        assert_eq!((words.number("one"), words.thing(one)), (None, None));
        assert_eq!(words.release(one), None, "nothing is let go twice");
        assert_eq!((words.hold("three", str::to_owned), words.bound()), (0, 2));
        assert_eq!(words.number("two"), Some(1));
    }
}
