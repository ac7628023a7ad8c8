//! What is shown while a store is opened: nothing for a moment, then a bar at a terminal, or lines in the log elsewhere.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use bespeak_node::{Progress, Stage, Watch};
use indicatif::{ProgressBar, ProgressStyle};

/// How long nobody is told: most homes are open by then. Source: a wild guess.
const MOMENT: Duration = Duration::from_millis(500);
/// Between two lines in the log. Source: a wild guess; a service of many gigabytes has some dozens.
const PAUSE: Duration = Duration::from_secs(10);
/// What the bar shows; at most 80 columns.
const BAR: &str = "{msg:<34} [{bar:25}] {percent:>3}% {eta:>4} left";

/// The opening of one store.
pub(crate) struct Opening(Arc<Mutex<Shown>>);

impl Opening {
    /// Begins to count the time; a bar is drawn where a person sits.
    pub(crate) fn begin(json: bool) -> Self {
        let person = !json && std::io::stderr().is_terminal();
        Self(Arc::new(Mutex::new(Shown::new(person, Instant::now()))))
    }

    /// What the store tells.
    pub(crate) fn watch(&self) -> Watch {
        let shown = Arc::clone(&self.0);
        Arc::new(move |progress| {
            let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
            shown.tell(progress, Instant::now());
        })
    }

    /// Clears the bar away. What the store tells later goes to the log.
    pub(crate) fn end(self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).end();
    }
}

/// What of a progress is to be seen.
#[derive(Debug, PartialEq, Eq)]
enum Show {
    Nothing,
    Bar,
    Line,
}

/// What has been shown.
struct Shown {
    person: bool,
    /// Since when there is something to wait for.
    begun: Instant,
    line_at: Option<Instant>,
    stage: Option<Stage>,
    bar: Option<ProgressBar>,
}

impl Shown {
    fn new(person: bool, begun: Instant) -> Self {
        Self { person, begun, line_at: None, stage: None, bar: None }
    }

    fn tell(&mut self, progress: Progress, now: Instant) {
        match self.choose(progress, now) {
            Show::Nothing => {}
            Show::Bar => self.draw(progress),
            Show::Line => {
                let Progress { stage, done, total } = progress;
                // A warning, so that it is seen without being asked for: somebody waits.
                tracing::warn!("{}: {} of {} MiB", in_words(stage), done >> 20, total.div_ceil(1 << 20));
            }
        }
    }

    fn choose(&mut self, progress: Progress, now: Instant) -> Show {
        if progress.done == 0 && self.stage.is_none() {
            self.begun = now;
        }
        let new = self.stage != Some(progress.stage);
        self.stage = Some(progress.stage);
        if now.duration_since(self.begun) < MOMENT {
            return Show::Nothing;
        }
        if self.person {
            return Show::Bar;
        }
        // What is done needs no line: there is nothing to wait for.
        if progress.done == progress.total {
            return Show::Nothing;
        }
        if !new && self.line_at.is_some_and(|at| now.duration_since(at) < PAUSE) {
            return Show::Nothing;
        }
        self.line_at = Some(now);
        Show::Line
    }

    fn draw(&mut self, progress: Progress) {
        let Progress { stage, done, total } = progress;
        let bar = self.bar.get_or_insert_with(|| {
            // A template of ours, which is a good one.
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            let style = style.progress_chars("=> ");
            ProgressBar::new(total).with_style(style).with_message(in_words(stage))
        });
        if bar.message() != in_words(stage) {
            bar.reset();
            bar.set_message(in_words(stage));
        }
        bar.set_length(total);
        bar.set_position(done);
    }

    fn end(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        (self.person, self.stage) = (false, None);
    }
}

fn in_words(stage: Stage) -> &'static str {
    match stage {
        Stage::Reading => "Reading what is kept",
        Stage::Checking => "Checking the index",
        Stage::CatchingUp => "Bringing the index up to date",
        Stage::Rebuilding => "Making the index anew",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(stage: Stage, done: u64) -> Progress {
        Progress { stage, done, total: 100 }
    }

    #[test]
    fn nothing_is_shown_for_a_moment() {
        for (person, then) in [(true, Show::Bar), (false, Show::Line)] {
            let start = Instant::now();
            let mut shown = Shown::new(person, start);
            assert_eq!(shown.choose(at(Stage::Reading, 0), start), Show::Nothing);
            assert_eq!(shown.choose(at(Stage::Reading, 1), start + MOMENT / 2), Show::Nothing);
            assert_eq!(shown.choose(at(Stage::Reading, 2), start + MOMENT), then);
        }
    }

    #[test]
    fn the_log_gets_a_line_for_each_stage_and_then_now_and_again() {
        let start = Instant::now();
        let mut shown = Shown::new(false, start);
        shown.choose(at(Stage::Reading, 0), start);
        let late = start + MOMENT;
        assert_eq!(shown.choose(at(Stage::Reading, 1), late), Show::Line);
        assert_eq!(shown.choose(at(Stage::Reading, 2), late + PAUSE / 2), Show::Nothing);
        assert_eq!(shown.choose(at(Stage::Reading, 3), late + PAUSE), Show::Line);
        assert_eq!(shown.choose(at(Stage::Reading, 100), late + 3 * PAUSE), Show::Nothing);
        assert_eq!(shown.choose(at(Stage::Rebuilding, 0), late + 3 * PAUSE), Show::Line);
    }

    #[test]
    fn after_the_opening_the_time_is_counted_anew_and_no_bar_is_drawn() {
        let start = Instant::now();
        let mut shown = Shown::new(true, start);
        shown.choose(at(Stage::Reading, 0), start);
        assert_eq!(shown.choose(at(Stage::Reading, 1), start + MOMENT), Show::Bar);
        shown.end();
        let later = start + PAUSE;
        assert_eq!(shown.choose(at(Stage::Rebuilding, 0), later), Show::Nothing);
        assert_eq!(shown.choose(at(Stage::Rebuilding, 1), later + MOMENT), Show::Line);
    }
}
