//! Personal data: kept, listed, shown, forgotten.

use bespeak_agent::output::Refusal;
use bespeak_export::data::{DataError, Description, Item, MAX_ALL, Meta};
use bespeak_model::reason::RefusalCode;

use super::Node;
use crate::{
    clock::now,
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
        self.on_shelf(move |shelf| Ok(keep(shelf, item)?)).await
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
            shelf.forget_item(&meta.id).map_err(|error| internal(&error))?;
            Ok(meta)
        })
        .await
    }

    /// Works with the store where waiting for the disk holds up nobody.
    pub(super) async fn on_shelf<T: Send + 'static, E: From<Refusal> + Send + 'static>(
        &self,
        work: impl FnOnce(&Shelf) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        let shelf = self.inner.shelf.clone();
        let done = tokio::task::spawn_blocking(move || work(&shelf)).await;
        done.map_err(|error| E::from(internal(&error)))?
    }
}

/// Keeps an item if there is room for it and it is not there.
pub(super) fn keep(shelf: &Shelf, item: Item) -> Result<Kept, Refusal> {
    let items = shelf.items().map_err(|error| internal(&error))?;
    if let Some(known) = items.iter().find(|known| known.id == item.meta.id) {
        return Ok(Kept { added: false, item: known.clone() });
    }
    let all: u64 = items.iter().map(|known| known.bytes).sum();
    if all.saturating_add(item.meta.bytes) > MAX_ALL {
        let detail = format!(
            "personal data has {} MiB of the {} MiB there is room for; remove some with `bespeak data remove`",
            all >> 20,
            MAX_ALL >> 20
        );
        return Err(Refusal::new(RefusalCode::TooLarge, detail));
    }
    shelf.keep_item(&item).map_err(|error| internal(&error))?;
    Ok(Kept { added: true, item: item.meta })
}

fn named(shelf: &Shelf, text: &str) -> Result<Meta, DataRefusal> {
    let items = shelf.items().map_err(|error| internal(&error))?;
    Ok(pick(items, text)?)
}

pub(super) fn internal(error: &dyn std::fmt::Display) -> Refusal {
    Refusal::new(RefusalCode::Internal, error.to_string())
}
