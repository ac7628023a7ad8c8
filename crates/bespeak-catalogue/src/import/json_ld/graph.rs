//! Graph: the nodes of a document, and which of them are articles.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::node::{Node, all, id, is_a, said, text_of};
use super::product::Article;

/// What can be sold by the piece; source: schema.org's types below Product.
const PRODUCTS: [&str; 12] = [
    "Product",
    "IndividualProduct",
    "ProductModel",
    "SomeProducts",
    "DietarySupplement",
    "Drug",
    "Vehicle",
    "Car",
    "Motorcycle",
    "MotorizedBicycle",
    "BusOrCoach",
    "ProductCollection",
];
/// Articles in several kinds.
const GROUP: &[&str] = &["ProductGroup"];
const OFFER: &[&str] = &["Offer", "OfferForPurchase"];
/// What a node says of others that are not what is sold here.
const OTHERS: [&str; 9] = [
    "isRelatedTo",
    "isSimilarTo",
    "isAccessoryOrSparePartFor",
    "isConsumableFor",
    "itemReviewed",
    "review",
    "about",
    "mentions",
    "isVariantOf",
];

/// The nodes of a document.
pub(super) struct Graph<'a> {
    values: &'a [Value],
    by_id: HashMap<&'a str, &'a Node>,
    groups: HashMap<String, &'a Node>,
    /// Products that a group names as its variants.
    variants: HashSet<&'a str>,
    /// Offers that name their product, by its id.
    offered: HashMap<&'a str, &'a Node>,
}

impl<'a> Graph<'a> {
    /// The graph of these values.
    pub(super) fn of(values: &'a [Value]) -> Self {
        let mut graph = Self {
            values,
            by_id: HashMap::new(),
            groups: HashMap::new(),
            variants: HashSet::new(),
            offered: HashMap::new(),
        };
        values.iter().for_each(|value| graph.note(value));
        graph
    }

    fn note(&mut self, value: &'a Value) {
        match value {
            Value::Array(many) => many.iter().for_each(|one| self.note(one)),
            Value::Object(node) => {
                self.note_node(node);
                node.values().for_each(|one| self.note(one));
            }
            _ => {}
        }
    }

    fn note_node(&mut self, node: &'a Node) {
        if let Some(id) = id(node) {
            let fuller = self.by_id.get(id).is_none_or(|held| held.len() < node.len());
            if fuller && node.len() > 1 {
                self.by_id.insert(id, node);
            }
        }
        if is_a(node, GROUP) {
            let named = text_of(node, "productGroupID");
            self.groups.extend(named.map(|named| (named, node)));
            let variants = said(node, "hasVariant").into_iter().flat_map(all);
            self.variants.extend(variants.filter_map(|one| id(one.as_object()?)));
        }
        if is_a(node, OFFER) {
            let products = said(node, "itemOffered").into_iter().flat_map(all);
            self.offered.extend(products.filter_map(|one| Some((id(one.as_object()?)?, node))));
        }
    }

    /// The node that a value is, or names.
    pub(super) fn node(&self, value: &'a Value) -> Option<&'a Node> {
        let named = match value {
            Value::Object(node) => {
                return Some(id(node).and_then(|id| self.by_id.get(id)).copied().unwrap_or(node));
            }
            Value::String(named) => named.as_str(),
            _ => return None,
        };
        self.by_id.get(named).copied()
    }

    /// The nodes under a name.
    pub(super) fn nodes(&self, node: &'a Node, name: &str) -> Vec<&'a Node> {
        said(node, name).into_iter().flat_map(all).filter_map(|value| self.node(value)).collect()
    }

    /// The offer that names this product.
    pub(super) fn offer_of(&self, product: &Node) -> Option<&'a Node> {
        id(product).and_then(|id| self.offered.get(id)).copied()
    }

    /// Every article of the document.
    pub(super) fn articles(&self) -> Vec<Article<'a>> {
        let mut found = Vec::new();
        self.values.iter().for_each(|value| self.walk(value, &mut found));
        found
    }

    fn walk(&self, value: &'a Value, found: &mut Vec<Article<'a>>) {
        match value {
            Value::Array(many) => many.iter().for_each(|one| self.walk(one, found)),
            Value::Object(node) if is_a(node, GROUP) => self.group(node, found),
            Value::Object(node) if is_a(node, &PRODUCTS) => {
                let claimed = id(node).is_some_and(|id| self.variants.contains(id));
                let reference = node.keys().all(|key| key.starts_with('@'));
                if !claimed && !reference {
                    found.extend(Article::of(self, node, self.group_of(node)));
                }
            }
            Value::Object(node) if is_a(node, OFFER) => {
                let inline = said(node, "itemOffered").and_then(Value::as_object).filter(|one| one.len() > 1);
                if let Some(product) = inline.filter(|one| is_a(one, &PRODUCTS)) {
                    found.push(Article { product, group: self.group_of(product), offer: Some(node) });
                }
            }
            Value::Object(node) => {
                let own = node.iter().filter(|(key, _)| !OTHERS.contains(&super::node::last_word(key)));
                own.for_each(|(_, one)| self.walk(one, found));
            }
            _ => {}
        }
    }

    /// A group's variants; one that names none is an article itself.
    fn group(&self, group: &'a Node, found: &mut Vec<Article<'a>>) {
        let variants = self.nodes(group, "hasVariant");
        if variants.is_empty() {
            // Its variants may stand elsewhere and name it.
            if said(group, "offers").is_some() {
                found.extend(Article::of(self, group, None));
            }
            return;
        }
        found.extend(variants.into_iter().flat_map(|one| Article::of(self, one, Some(group))));
    }

    fn group_of(&self, product: &'a Node) -> Option<&'a Node> {
        let of = self.nodes(product, "isVariantOf").into_iter().next();
        of.or_else(|| self.groups.get(&text_of(product, "inProductGroupWithID")?).copied())
    }
}
