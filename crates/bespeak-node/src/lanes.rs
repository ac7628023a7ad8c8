//! Turns for things that go to many hosts: so many at once, and so few to each, that no host can hold up the others.

use std::collections::{HashMap, VecDeque};

/// What waits for its turn, in a lane for each host.
#[derive(Debug)]
pub(crate) struct Lanes<T> {
    at_once: usize,
    for_each: usize,
    under_way: usize,
    waiting: usize,
    lanes: HashMap<String, Lane<T>>,
    /// Hosts with something waiting that may have one more under way, each once.
    ready: VecDeque<String>,
}

#[derive(Debug)]
struct Lane<T> {
    under_way: usize,
    waiting: VecDeque<T>,
    ready: bool,
}

impl<T> Lanes<T> {
    /// Lanes for `at_once` things under way in all, and `for_each` to each host.
    pub(crate) fn new(at_once: usize, for_each: usize) -> Self {
        let (lanes, ready) = (HashMap::new(), VecDeque::new());
        Self { at_once, for_each, under_way: 0, waiting: 0, lanes, ready }
    }

    /// How many things wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting
    }

    /// Something for a host: it waits for its turn.
    pub(crate) fn push(&mut self, host: &str, thing: T) {
        let new = || Lane { under_way: 0, waiting: VecDeque::new(), ready: false };
        self.lanes.entry(host.to_owned()).or_insert_with(new).waiting.push_back(thing);
        self.waiting += 1;
        self.make_ready(host);
    }

    /// What may go now, if anything; its host is to be named when it has come to its end.
    pub(crate) fn next(&mut self) -> Option<(String, T)> {
        if self.under_way >= self.at_once {
            return None;
        }
        let host = self.ready.pop_front()?;
        let lane = self.lanes.get_mut(&host)?;
        lane.ready = false;
        let thing = lane.waiting.pop_front()?;
        lane.under_way += 1;
        self.under_way += 1;
        self.waiting -= 1;
        self.make_ready(&host);
        Some((host, thing))
    }

    /// One of those under way to a host has come to its end.
    pub(crate) fn ended(&mut self, host: &str) {
        let Some(lane) = self.lanes.get_mut(host) else { return };
        lane.under_way -= 1;
        self.under_way -= 1;
        if lane.under_way == 0 && lane.waiting.is_empty() {
            self.lanes.remove(host);
        } else {
            self.make_ready(host);
        }
    }

    fn make_ready(&mut self, host: &str) {
        let Some(lane) = self.lanes.get_mut(host) else { return };
        if !lane.ready && !lane.waiting.is_empty() && lane.under_way < self.for_each {
            lane.ready = true;
            self.ready.push_back(host.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drain(lanes: &mut Lanes<u32>) -> Vec<(String, u32)> {
        std::iter::from_fn(|| lanes.next()).collect()
    }

    #[test]
    fn a_host_that_answers_nothing_holds_up_nobody() {
        let mut lanes = Lanes::new(4, 2);
        (0..100).for_each(|number| lanes.push("tarpit", number));
        assert_eq!(drain(&mut lanes).len(), 2, "two to one host");
        lanes.push("honest", 100);
        assert_eq!(drain(&mut lanes), [("honest".to_owned(), 100)]);
        lanes.ended("honest");
        lanes.push("honest", 101);
        lanes.push("honest", 102);
        lanes.push("honest", 103);
        assert_eq!(drain(&mut lanes).len(), 2, "four in all");
        lanes.ended("tarpit");
        assert_eq!(drain(&mut lanes), [("tarpit".to_owned(), 2)], "in the order in which they came");
        assert_eq!(lanes.waiting(), 98);
    }

    #[test]
    fn everything_gets_its_turn_and_nothing_is_left_behind() {
        let mut lanes = Lanes::new(3, 2);
        let hosts = ["a", "b", "c", "d"];
        (0..40).for_each(|number| lanes.push(hosts[number as usize % 4], number));
        let mut went = Vec::new();
        loop {
            let now = drain(&mut lanes);
            if now.is_empty() {
                break;
            }
            now.iter().for_each(|(host, _)| lanes.ended(host));
            went.extend(now.into_iter().map(|(_, number)| number));
        }
        went.sort_unstable();
        assert_eq!(went, (0..40).collect::<Vec<_>>());
        assert!(lanes.lanes.is_empty() && lanes.ready.is_empty() && lanes.under_way == 0);
    }
}
