//! The market: cast, withdraw and expire intentions in public.

pub mod catch_up;
mod gate;
mod heard;
pub mod limits;
mod live;
mod message;
mod table;
mod tombstones;

pub use gate::{Gate, Hearing, News, Verdict};
pub use live::{Digest, Live, Named};
pub use message::{Announcement, AnnouncementError, VERSION, topic_of, topics};
pub use table::{Burial, MAX_HEARD, Slot, Table};
