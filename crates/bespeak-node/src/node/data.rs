//! Personal data: kept, listed, shown, forgotten.

use std::collections::BTreeMap;

use bespeak_agent::output::Refusal;
use bespeak_export::data::{DataError, DataId, Description, Item, MAX_ALL, Meta};
use bespeak_model::reason::RefusalCode;

use super::Node;
use crate::{
    clock::now,
    commit::not_kept,
    data::{Kept, Unnamed, pick},
    shelf::Shelf,
};

/// Why personal data was not kept, shown or forgotten.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DataRefusal {
    /// It is not what it says, or too much.
    #[error(transparent)]
    Wrong(#[from] DataError),
    /// No item is called that.
    #[error(transparent)]
    Unnamed(#[from] Unnamed),
    /// The node says no.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Node {
    /// Keeps an item; the same item is kept once. Returns when it is durable.
    ///
    /// # Errors
    /// When it is not what it says, there is no room for it, or it cannot be kept.
    pub async fn keep_data(&self, said: Description, content: Vec<u8>) -> Result<Kept, DataRefusal> {
        let item = Item::new(said, content, now())?;
        self.on_shelf(move |shelf| {
            let mut cabinet = Cabinet::open(shelf)?;
            cabinet.has_room([&item].into_iter())?;
            Ok(cabinet.keep(item)?)
        })
        .await
    }

    /// What is said of all items, the oldest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub async fn data(&self) -> Result<Vec<Meta>, DataRefusal> {
        self.on_shelf(|shelf| shelf.items().map_err(|error| internal(&error).into())).await
    }

    /// One item, by its id or the beginning of it.
    ///
    /// # Errors
    /// When none or several are called that, or it cannot be read.
    pub async fn data_item(&self, text: &str) -> Result<Item, DataRefusal> {
        let text = text.to_owned();
        self.on_shelf(move |shelf| {
            let meta = named(shelf, &text)?;
            let item = shelf.item(&meta.id).map_err(|error| internal(&error))?;
            item.ok_or_else(|| Unnamed::NotFound(meta.id.to_string()).into())
        })
        .await
    }

    /// Forgets an item, and says what it was.
    ///
    /// # Errors
    /// When none or several are called that, or the store refuses.
    pub async fn forget_data(&self, text: &str) -> Result<Meta, DataRefusal> {
        let text = text.to_owned();
        self.on_shelf(move |shelf| {
            let meta = named(shelf, &text)?;
            shelf.forget_item(&meta.id).map_err(|error| not_kept(&error))?;
            Ok(meta)
        })
        .await
    }

    /// Works with the store where waiting for the disk holds up nobody.
    pub(crate) async fn on_shelf<T: Send + 'static, E: From<Refusal> + Send + 'static>(
        &self,
        work: impl FnOnce(&Shelf) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let shelf = self.inner.shelf.clone();
        let done = tokio::task::spawn_blocking(move || work(&shelf)).await;
        done.map_err(|error| E::from(internal(&error)))?
    }
}

/// The personal data that is there, while more is put to it.
pub(super) struct Cabinet<'a> {
    shelf: &'a Shelf,
    known: BTreeMap<DataId, Meta>,
    bytes: u64,
}

impl<'a> Cabinet<'a> {
    pub(super) fn open(shelf: &'a Shelf) -> Result<Self, Refusal> {
        let items = shelf.items().map_err(|error| internal(&error))?;
        let bytes = items.iter().map(|known| known.bytes).sum();
        Ok(Self { shelf, known: items.into_iter().map(|item| (item.id.clone(), item)).collect(), bytes })
    }

    /// Whether all that is new among these has room.
    pub(super) fn has_room<'i>(&self, items: impl Iterator<Item = &'i Item>) -> Result<(), Refusal> {
        let new = items.filter(|item| !self.known.contains_key(&item.meta.id));
        let all = new.fold(self.bytes, |all, item| all.saturating_add(item.meta.bytes));
        if all <= MAX_ALL {
            return Ok(());
        }
        let detail = format!(
            "personal data would have {} MiB, and there is room for {} MiB; remove some with `bespeak data remove`",
            all.div_ceil(1 << 20),
            MAX_ALL >> 20
        );
        Err(Refusal::new(RefusalCode::TooLarge, detail))
    }

    /// Keeps an item if it is not there.
    pub(super) fn keep(&mut self, item: Item) -> Result<Kept, Refusal> {
        if let Some(known) = self.known.get(&item.meta.id) {
            return Ok(Kept { added: false, item: known.clone() });
        }
        self.shelf.keep_item(&item).map_err(|error| not_kept(&error))?;
        self.bytes += item.meta.bytes;
        self.known.insert(item.meta.id.clone(), item.meta.clone());
        Ok(Kept { added: true, item: item.meta })
    }
}

fn named(shelf: &Shelf, text: &str) -> Result<Meta, DataRefusal> {
    let items = shelf.items().map_err(|error| internal(&error))?;
    Ok(pick(items, text)?)
}

pub(crate) fn internal(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::Internal, error.to_string())
}
