//! A volume in use, to which something happens at a step chosen beforehand. It goes on after that, so that whoever uses it
//! ends in good order; what that left has been set aside by then.

use std::sync::{Arc, Mutex, MutexGuard};

use super::dice::Dice;
use super::{Code, Volume};

#[derive(Clone)]
pub(crate) struct Drive(Arc<Mutex<State>>);

struct State {
    volume: Volume,
    /// Altering calls until the cut.
    left: u64,
    dice: Dice,
    end: End,
    after_cut: Option<Volume>,
}

/// What happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    PowerCut,
    /// The process is killed: all it wrote is there, and nothing more of it is durable than before.
    Kill,
}

/// What a call alters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// What is there: the cut comes when it has been asked for, so that a part of it may be found.
    Change,
    /// What is durable: the cut comes before it, as it is not durable before it is answered.
    Sync,
}

impl Drive {
    /// It ends at the altering call number `cut`, counted from 1.
    pub(crate) fn new(volume: Volume, cut: u64, end: End, seed: u64) -> Self {
        Self(Arc::new(Mutex::new(State { volume, left: cut, dice: Dice(seed), end, after_cut: None })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    /// What was answered before this was false is before the cut.
    pub(crate) fn is_cut(&self) -> bool {
        self.state().after_cut.is_some()
    }

    /// What the cut left, if it has come.
    pub(crate) fn after_cut(&self) -> Option<Volume> {
        self.state().after_cut.clone()
    }

    pub(crate) fn look<T>(&self, look: impl FnOnce(&mut Volume) -> Result<T, Code>) -> Result<T, Code> {
        look(&mut self.state().volume)
    }

    pub(crate) fn alter<T>(
        &self,
        step: Step,
        alter: impl FnOnce(&mut Volume) -> Result<T, Code>,
    ) -> Result<T, Code> {
        let mut state = self.state();
        let last = state.left == 1;
        state.left = state.left.saturating_sub(1);
        if last && step == Step::Sync {
            state.cut();
        }
        let outcome = alter(&mut state.volume);
        if last && step == Step::Change {
            state.cut();
        }
        outcome
    }
}

impl State {
    fn cut(&mut self) {
        self.after_cut = Some(match self.end {
            End::PowerCut => self.volume.after_power_cut(&mut self.dice),
            End::Kill => self.volume.clone(),
        });
    }
}
