//! Product: an article made of a node, of the group it is a variant of, and of its offer.

use bespeak_model::category::{self, Slug};
use bespeak_model::gtin::Gtin;
use bespeak_model::intention::GoodsCondition;
use serde_json::Value;

use super::graph::Graph;
use super::node::{Node, all, last_word, name_of, said, text, text_of};
use super::{offer, unit};
use crate::goods::{Goods, MAX_GTINS, Sku};
use crate::import::ImportDefaults;
use crate::import::field::{self, Attributes};
use crate::import::skip::{Fault, Why};

/// Names under which a bar code's number stands.
const GTINS: [&str; 6] = ["gtin", "gtin14", "gtin13", "gtin12", "gtin8", "isbn"];
/// What becomes an attribute, and whether it is words even where it looks like a number.
const ATTRIBUTES: [(&str, bool); 6] = [
    ("mpn", true),
    ("color", false),
    ("size", false),
    ("material", false),
    ("pattern", false),
    ("model", true),
];
/// What is measured.
const MEASURES: [&str; 4] = ["weight", "width", "height", "depth"];
/// Names under which GS1's code of a category stands.
const GPC: [&str; 2] = ["gpcCategoryCode", "gs1:gpcCategoryCode"];

/// An article of a document.
pub(super) struct Article<'a> {
    pub(super) product: &'a Node,
    pub(super) group: Option<&'a Node>,
    pub(super) offer: Option<&'a Node>,
}

impl<'a> Article<'a> {
    /// The articles of a product: one for each offer where each has its own number, else one.
    pub(super) fn of(graph: &Graph<'a>, product: &'a Node, group: Option<&'a Node>) -> Vec<Self> {
        let offers = offer::offers(graph, product);
        let mut numbers: Vec<String> = offers.iter().filter_map(|offer| text_of(offer, "sku")).collect();
        numbers.sort();
        numbers.dedup();
        if offers.len() > 1 && numbers.len() == offers.len() {
            return offers.into_iter().map(|offer| Self { product, group, offer: Some(offer) }).collect();
        }
        let offer = offer::best(graph, &offers);
        vec![Self { product, group, offer }]
    }

    /// What the product says under a name, or its group.
    fn said(&self, name: &str) -> impl Iterator<Item = &'a Node> {
        let has = |node: &&'a Node| said(node, name).is_some();
        [Some(self.product), self.group].into_iter().flatten().find(has).into_iter()
    }

    fn text(&self, name: &str) -> Option<String> {
        self.said(name).find_map(|node| name_of(node, name))
    }

    /// The goods.
    pub(super) fn goods(&self, graph: &Graph<'a>, defaults: &ImportDefaults) -> Result<Goods, Fault> {
        let sku = field::sku(&self.number().unwrap_or_default())?;
        Fault::at(&sku, || self.numbered(sku.clone(), graph, defaults))
    }

    /// The vendor's number where there is one, else any that names the article.
    fn number(&self) -> Option<String> {
        let of_offer = || self.offer.and_then(|offer| text_of(offer, "sku"));
        let own = text_of(self.product, "sku").or_else(|| text_of(self.product, "productID"));
        let named = || {
            let value = said(self.product, "identifier")?;
            all(value).find_map(|one| text(one).or_else(|| text_of(one.as_object()?, "value")))
        };
        let code = || GTINS.iter().find_map(|name| text_of(self.product, name));
        let many = self.offer.filter(|_| self.has_numbered_offers()).and_then(|offer| text_of(offer, "sku"));
        many.or(own).or_else(of_offer).or_else(named).or_else(code).or_else(|| text_of(self.product, "mpn"))
    }

    /// Has each of several offers a number of its own?
    fn has_numbered_offers(&self) -> bool {
        said(self.product, "offers").is_some_and(|value| all(value).count() > 1)
    }

    fn numbered(&self, sku: Sku, graph: &Graph<'a>, defaults: &ImportDefaults) -> Result<Goods, Why> {
        let price = self.offer.map(|offer| offer::price(graph, offer, defaults)).transpose()?;
        let of_offer = |name: &str| self.offer.and_then(|offer| text_of(offer, name));
        Ok(Goods {
            sku,
            title: field::title(&self.text("name").unwrap_or_default())?,
            description: self.text("description").as_deref().and_then(field::prose),
            brand: self
                .text("brand")
                .or_else(|| self.text("manufacturer"))
                .as_deref()
                .and_then(field::one_line),
            gtins: self.gtins()?,
            price: price.flatten(),
            category: self.category(),
            attributes: self.attributes(graph),
            condition: of_offer("itemCondition").or_else(|| self.text("itemCondition")).and_then(condition),
            available: self.offer.and_then(|offer| offer::available(graph, offer)),
            link: of_offer("url")
                .or_else(|| text_of(self.product, "url"))
                .as_deref()
                .and_then(field::one_line),
            feed: None,
            updated: defaults.now,
        })
    }

    fn gtins(&self) -> Result<Vec<Gtin>, Why> {
        let mut gtins: Vec<Gtin> = Vec::new();
        let nodes = || [Some(self.product), self.offer].into_iter().flatten();
        for name in GTINS {
            for code in nodes().filter_map(|node| said(node, name)).flat_map(all).filter_map(text) {
                let gtin = field::gtin(code.trim_start_matches("isbn:"));
                // An ISBN of ten digits is no GTIN, and no fault.
                if name == "isbn" && gtin.is_err() {
                    continue;
                }
                let gtin = gtin?;
                if gtins.len() < MAX_GTINS && !gtins.contains(&gtin) {
                    gtins.push(gtin);
                }
            }
        }
        Ok(gtins)
    }

    /// By a code, a path or a name; what cannot be mapped is left out.
    fn category(&self) -> Option<Slug> {
        let gpc = GPC.iter().find_map(|name| self.text(name));
        let by_gpc = gpc.and_then(|code| category::from_foreign(&format!("gpc:{}", last_word(&code))));
        by_gpc.or_else(|| {
            let nodes = self.said("category");
            nodes.filter_map(|node| said(node, "category")).flat_map(all).find_map(one_category)
        })
    }

    fn attributes(&self, graph: &Graph<'a>) -> Vec<bespeak_model::attribute::Attribute> {
        let mut attributes = Attributes::default();
        for (name, words) in ATTRIBUTES {
            match self.text(name) {
                Some(value) if words => attributes.put_text(name, &value),
                Some(value) => attributes.put_read(name, &value),
                None => {}
            }
        }
        for name in MEASURES {
            for node in self.said(name) {
                said(node, name)
                    .into_iter()
                    .flat_map(all)
                    .for_each(|value| measure(&mut attributes, name, value));
            }
        }
        for node in [Some(self.product), self.group].into_iter().flatten() {
            for property in graph.nodes(node, "additionalProperty") {
                let name = text_of(property, "name").or_else(|| text_of(property, "propertyID"));
                if let (Some(name), Some(value)) = (name, said(property, "value")) {
                    all(value).for_each(|value| put(&mut attributes, &name, value, property));
                }
            }
        }
        attributes.0
    }
}

/// A path or name, or a node that is a code of some list.
fn one_category(value: &Value) -> Option<Slug> {
    let Some(node) = value.as_object() else { return field::free_category(&text(value)?) };
    let code = text_of(node, "codeValue");
    let list = text_of(node, "inCodeSet").unwrap_or_default().to_lowercase();
    let by_list = |code: String| {
        let named = [
            ("gpc", "gpc:"),
            ("gs1", "gpc:"),
            ("unspsc", "unspsc:"),
            ("google", "google:"),
            ("shopify", "shopify:"),
        ];
        let (_, prefix) = named.iter().find(|(word, _)| list.contains(word))?;
        category::from_foreign(&format!("{prefix}{code}"))
    };
    code.and_then(by_list).or_else(|| field::free_category(&text_of(node, "name")?))
}

fn condition(word: String) -> Option<GoodsCondition> {
    match last_word(&word) {
        "NewCondition" => Some(GoodsCondition::New),
        "RefurbishedCondition" => Some(GoodsCondition::Refurbished),
        "UsedCondition" | "DamagedCondition" => Some(GoodsCondition::Used),
        _ => None,
    }
}

/// `"2 kg"`, or a value with its unit.
fn measure(attributes: &mut Attributes, name: &str, value: &Value) {
    match value.as_object() {
        None => text(value).into_iter().for_each(|value| attributes.put_read(name, &value)),
        Some(node) => said(node, "value").into_iter().for_each(|value| put(attributes, name, value, node)),
    }
}

/// A value, with the unit that its node names.
fn put(attributes: &mut Attributes, name: &str, value: &Value, node: &Node) {
    if let Value::Bool(flag) = value {
        return attributes.put_flag(name, *flag);
    }
    let Some(value) = text(value) else { return };
    let coded = text_of(node, "unitCode").and_then(|code| unit::word(last_word(&code)));
    match text_of(node, "unitText").or(coded.map(str::to_owned)) {
        Some(unit) => attributes.put_measure(name, &value, &unit),
        None => attributes.put_read(name, &value),
    }
}
