//! How far an import is: nothing for a moment, then a bar at a terminal, or lines elsewhere.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::Value;

use crate::print;
use crate::render::number;

/// How long nobody is told: most files are read by then. Source: wild guess.
const MOMENT: Duration = Duration::from_millis(500);
/// Between two lines where no person sits. Source: wild guess.
const PAUSE: Duration = Duration::from_secs(10);
/// What the bar shows; at most 80 columns.
const BAR: &str = "{msg:<34} [{bar:25}] {percent:>3}% {eta:>4} left";

/// The bar of one import.
pub(super) struct Bar {
    /// Whether lines are of use to anybody.
    silent: bool,
    person: bool,
    begun: Instant,
    line_at: Instant,
    bar: Option<ProgressBar>,
}

impl Bar {
    pub(super) fn begin(json: bool) -> Self {
        let now = Instant::now();
        let person = std::io::stderr().is_terminal();
        Self { silent: json, person, begun: now, line_at: now, bar: None }
    }

    /// What the node tells.
    pub(super) fn tell(&mut self, progress: &Value) {
        let (bytes, total) = (number(progress, "bytes"), number(progress, "total"));
        if self.silent || total == 0 || self.begun.elapsed() < MOMENT {
            return;
        }
        let said = format!("{} goods, {} skipped", number(progress, "read"), number(progress, "skipped"));
        if self.person {
            self.draw(bytes, total, said);
        } else if self.line_at.elapsed() >= PAUSE {
            self.line_at = Instant::now();
            print::error(&format!("{said}: {} of {} MiB", bytes >> 20, total.div_ceil(1 << 20)));
        }
    }

    fn draw(&mut self, bytes: u64, total: u64, said: String) {
        let bar = self.bar.get_or_insert_with(|| {
            // A template of ours, which is a good one.
            let style = ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar());
            ProgressBar::new(total).with_style(style.progress_chars("=> "))
        });
        bar.set_message(said);
        bar.set_position(bytes);
    }

    pub(super) fn end(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
