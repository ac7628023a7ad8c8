//! The tree itself, read once from `categories.toml`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::slug::Slug;

/// Our own words and numbers; the ids of others are facts looked up in their published lists.
const DATA: &str = include_str!("../../categories.toml");

/// One entry of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    slug: Slug,
    entry: Entry,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    google: Option<u32>,
    shopify: Option<String>,
    schema: Option<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
}

/// A table of the file: an entry, and those below it.
#[derive(Debug, Deserialize)]
struct Root {
    name: String,
    google: Option<u32>,
    shopify: Option<String>,
    schema: Option<String>,
    #[serde(default)]
    also: Vec<String>,
    #[serde(default)]
    words: Vec<String>,
    #[serde(default)]
    below: BTreeMap<String, Entry>,
}

/// By slug. Should the data not be readable the tree is empty; that it is readable is tested.
static TREE: LazyLock<BTreeMap<String, Category>> = LazyLock::new(|| read(DATA).unwrap_or_default());

fn read(data: &str) -> Result<BTreeMap<String, Category>, toml::de::Error> {
    let roots: BTreeMap<String, Root> = toml::from_str(data)?;
    let mut tree = BTreeMap::new();
    let mut add = |slug: String, entry: Entry| {
        tree.insert(slug.clone(), Category { slug: Slug::of_tree(slug), entry });
    };
    for (slug, Root { name, google, shopify, schema, also, words, below }) in roots {
        for (word, entry) in below {
            add(format!("{slug}.{word}"), entry);
        }
        add(slug, Entry { name, google, shopify, schema, also, words });
    }
    Ok(tree)
}

/// Every category, sorted by slug: each root before what is below it.
pub fn all() -> impl Iterator<Item = &'static Category> {
    TREE.values()
}

/// The roots, sorted: the fixed list from which the market's topics are made.
pub fn roots() -> impl Iterator<Item = Slug> {
    all().map(Category::slug).filter(|slug| slug.is_root()).cloned()
}

/// The entry of a slug.
pub(super) fn find(slug: &str) -> Option<&'static Category> {
    TREE.get(slug)
}

/// The category of someone else's id: `google:499713`, `shopify:sg-4-2`, a Shopify
/// `gid://shopify/TaxonomyCategory/…`, or a path such as `Electronics > Computers > Laptops`. An id deeper
/// than the tree finds the entry above it (Shopify's ids tell what is above them; Google's do not). `None`
/// where nothing fits.
pub fn from_foreign(code: &str) -> Option<Slug> {
    let code = code.trim();
    if let Some(id) = code.strip_prefix("google:") {
        let id: u32 = id.trim().parse().ok()?;
        let also = format!("google:{id}");
        let found = all().find(|category| category.google_id() == Some(id) || category.holds(&also));
        return found.map(|category| category.slug.clone());
    }
    let shopify = code.strip_prefix("shopify:").or(code.strip_prefix("gid://shopify/TaxonomyCategory/"));
    if let Some(id) = shopify {
        return by_shopify(id.trim());
    }
    if code.contains('>') {
        return by_path(code);
    }
    None
}

fn by_shopify(id: &str) -> Option<Slug> {
    let mut id = id;
    loop {
        let also = format!("shopify:{id}");
        if let Some(found) = all().find(|category| category.shopify_id() == Some(id) || category.holds(&also))
        {
            return Some(found.slug.clone());
        }
        id = id.rsplit_once('-')?.0;
    }
}

/// The most specific part of a path that names a category, the deepest first.
fn by_path(path: &str) -> Option<Slug> {
    path.rsplit('>').find_map(super::guess::named)
}

impl Category {
    /// Its slug.
    pub fn slug(&self) -> &Slug {
        &self.slug
    }

    /// Its English name for people.
    pub fn name(&self) -> &str {
        &self.entry.name
    }

    /// The id in Google's product taxonomy of 2021, where there is one for the same thing.
    pub fn google_id(&self) -> Option<u32> {
        self.entry.google
    }

    /// The id in Shopify's product taxonomy, such as `sg-4`, where there is one for the same thing.
    pub fn shopify_id(&self) -> Option<&str> {
        self.entry.shopify.as_deref()
    }

    /// The schema.org type of such goods, such as `Vehicle`, where there is one narrower than `Product` and
    /// `Service`.
    pub fn schema_type(&self) -> Option<&str> {
        self.entry.schema.as_deref()
    }

    /// Foreign codes (`google:…`, `shopify:…`) of things that are only a part of it.
    pub fn also(&self) -> impl Iterator<Item = &str> {
        self.entry.also.iter().map(String::as_str)
    }

    fn holds(&self, code: &str) -> bool {
        self.also().any(|also| also == code)
    }

    /// Words people use for what is in it, in lower case and in the singular.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.entry.words.iter().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    #[test]
    fn the_data_file_can_be_read() {
        super::read(super::DATA).unwrap();
    }
}
