//! The vendor's goods: reading them from the files a shop already has, keeping them in memory, and finding
//! those that answer a customer's wish.
//!
//! Here live importers ([`import`]), the plan of what a feed that is the whole stock removes ([`Sweep`]), search by
//! words ([`Catalogue::search`]), with an index of its own that is changed in place and ranks by what a shop's fields
//! mean, and what fills a whole intention ([`Catalogue::answer`]). What it asks in figures is weighed in
//! `bespeak-match`; keeping goods on disk is the store's, and nothing here knows of offers, keys
//! or the network. Start reading with [`Goods`], then [`Catalogue`].

mod answer;
mod catalogue;
mod goods;
pub mod import;
mod search;
mod sweep;

pub use answer::{Fitting, Match};
pub use catalogue::{Catalogue, Change, Changes, Hit};
pub use goods::{Feed, Goods, MAX_ATTRIBUTES, MAX_GTINS, Sku};
pub use search::wish::Wish;
pub use sweep::{Sweep, SweepRefusal};
