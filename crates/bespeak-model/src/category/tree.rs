//! The tree itself, read once from `categories.toml`.

use std::collections::{BTreeMap, HashMap};
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

/// Foreign codes and the category each stands for.
static FOREIGN: LazyLock<HashMap<String, &'static Slug>> = LazyLock::new(|| {
    let codes = |category: &'static Category| {
        let google = category.google_id().map(|id| format!("google:{id}"));
        let shopify = category.shopify_id().map(|id| format!("shopify:{id}"));
        let all = google.into_iter().chain(shopify).chain(category.also().map(str::to_owned));
        all.map(|code| (code, category.slug()))
    };
    all().flat_map(codes).collect()
});

/// The category of someone else's code: `google:499713`, `shopify:sg-4-2`, a Shopify
/// `gid://shopify/TaxonomyCategory/…`, `gpc:50202200` of GS1, `unspsc:43211503` of the United Nations, or a
/// path such as `Electronics > Computers > Laptops`. A code deeper than the tree finds the entry above it
/// (those of Shopify, the families and segments of GS1, and those of the United Nations tell what is above
/// them; Google's ids and GS1's bricks do not). `None` where nothing fits.
pub fn from_foreign(code: &str) -> Option<Slug> {
    let code = code.trim();
    if let Some(id) = code.strip_prefix("google:") {
        let id: u32 = id.trim().parse().ok()?;
        return FOREIGN.get(&format!("google:{id}")).map(|slug| (*slug).clone());
    }
    let shopify = code.strip_prefix("shopify:").or(code.strip_prefix("gid://shopify/TaxonomyCategory/"));
    if let Some(id) = shopify {
        return by_parts("shopify:", id.trim(), |id| Some(id.rsplit_once('-')?.0));
    }
    if let Some(code) = code.strip_prefix("gpc:") {
        // Bricks, which are told by their first digits, do not stand below the segment of those digits.
        let brick = code.trim().starts_with("1000") && code.trim() != "10000000";
        return by_digits("gpc:", code, if brick { SEGMENT } else { 0 });
    }
    if let Some(code) = code.strip_prefix("unspsc:") {
        return by_digits("unspsc:", code, 0);
    }
    if code.contains('>') {
        return super::guess::from_path(code);
    }
    None
}

/// Digits of one level of GS1's and the United Nations' codes.
const SEGMENT: usize = 2;
/// The most digits of such a code; source: those two classifications.
const LONGEST_CODE: usize = 8;

/// The longest beginning of a code of eight digits that is known, of more than `shortest` digits.
fn by_digits(prefix: &str, code: &str, shortest: usize) -> Option<Slug> {
    let code = code.trim();
    if !code.bytes().all(|byte| byte.is_ascii_digit()) || code.len() < SEGMENT {
        return None;
    }
    let code = code.get(..LONGEST_CODE).unwrap_or(code);
    by_parts(prefix, code, |code| {
        let shorter = code.get(..code.len().checked_sub(SEGMENT)?)?;
        (shorter.len() > shortest).then_some(shorter)
    })
}

/// The entry of a code, or of the next above it.
fn by_parts(prefix: &str, id: &str, above: impl Fn(&str) -> Option<&str>) -> Option<Slug> {
    let mut id = id;
    loop {
        if let Some(found) = FOREIGN.get(&format!("{prefix}{id}")) {
            return Some((*found).clone());
        }
        id = above(id)?;
    }
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

    /// Foreign codes (`google:…`, `shopify:…`) of things that are only a part of it, and the leading digits of
    /// codes (`gpc:…`, `unspsc:…`) under which such things stand.
    pub fn also(&self) -> impl Iterator<Item = &str> {
        self.entry.also.iter().map(String::as_str)
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
