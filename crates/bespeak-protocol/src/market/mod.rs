//! The market: cast, withdraw and expire intentions in public.

mod gate;
pub mod limits;
mod message;

pub use gate::{Gate, Hearing, News, Verdict};
pub use message::{Announcement, AnnouncementError, VERSION, topic_of, topics};
