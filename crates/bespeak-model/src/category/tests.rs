#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout)]

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn slug(text: &str) -> Slug {
    Slug::new(text).unwrap()
}

#[test]
fn the_tree_has_25_roots_and_a_second_level_below_each() {
    assert_eq!(roots().count(), 25);
    assert!(all().count() >= 280, "{} slugs", all().count());
    for root in roots() {
        let below = all().filter(|category| category.slug().parent() == Some(root.clone())).count();
        assert!(below >= 5, "{root} has only {below} below it");
    }
}

#[test]
fn every_slug_of_the_tree_is_one_a_record_may_hold_and_has_its_parent() {
    let mut seen = BTreeSet::new();
    for category in all() {
        let slug = Slug::new(category.slug().as_str()).unwrap();
        assert!(seen.insert(slug.clone()), "{slug} twice");
        assert!(slug.known().is_some());
        assert!(slug.parent().is_none_or(|parent| parent.known().is_some()), "{slug} has no parent");
        assert!(!category.name().is_empty());
        assert_eq!(parse(slug.as_str()), Ok(slug));
    }
}

#[test]
fn no_foreign_id_and_no_word_stands_twice() {
    let mut seen = BTreeSet::new();
    for category in all() {
        let google = category.google_id().map(|id| format!("google:{id}"));
        let shopify = category.shopify_id().map(|id| format!("shopify:{id}"));
        let also = category.also().map(str::to_owned);
        for code in google.into_iter().chain(shopify).chain(also) {
            assert_eq!(from_foreign(&code).as_ref(), Some(category.slug()), "{code}");
            assert!(seen.insert(code.clone()), "{code} twice");
        }
        for word in category.words() {
            assert_eq!(word, word.to_lowercase());
            assert!(seen.insert(guess::folded(word).join(" ")), "“{word}” twice");
        }
    }
}

#[test]
fn slugs_know_what_is_above_them() {
    let bicycles = slug("vehicles.bicycles");
    assert_eq!(bicycles.root(), slug("vehicles"));
    assert_eq!(bicycles.parent(), Some(slug("vehicles")));
    assert!(bicycles.is_under(&slug("vehicles")) && bicycles.is_under(&bicycles));
    assert!(!slug("vehicles").is_under(&bicycles));
    assert!(!slug("home.decor").is_under(&slug("vehicles")));
    assert!(slug("vehicles").is_root() && slug("vehicles").parent().is_none());
    assert_eq!(bicycles.name(), "Bicycles");
}

#[test]
fn what_a_later_tree_may_hold_is_taken_under_a_known_root_only() {
    let later = slug("vehicles.hovercraft");
    assert!(later.known().is_none() && later.is_under(&slug("vehicles")));
    assert_eq!(later.name(), "vehicles.hovercraft");
    assert!(matches!(Slug::new("spaceships.rockets"), Err(SlugError::Root(_))));
}

#[test]
fn other_forms_are_refused() {
    let long = format!("vehicles.{}", "a".repeat(10_000));
    let wrong = ["", ".", "vehicles.", ".bicycles", "vehicles..x", "Vehicles", "vehicles.a b", "vehicles.-a"];
    for text in wrong.into_iter().chain(["vehicles.ä", "vehicles\0", "vehicles.a.b.c.d", &long]) {
        assert!(Slug::new(text).is_err(), "{text:?}");
        assert!(serde_json::from_value::<Slug>(text.into()).is_err());
    }
}

#[test]
fn foreign_codes_find_their_place() {
    let cases = [
        ("google:328", "computers.laptops"),
        ("shopify:el-6-6", "computers.laptops"),
        ("gid://shopify/TaxonomyCategory/el-6-6", "computers.laptops"),
        ("shopify:fr-24-9-99", "furniture.tables"),
        ("google:412", "food-and-drink"),
        ("google:1235", "hardware-and-tools.power-tools"),
        ("Electronics > Computers > Laptops", "computers.laptops"),
        (
            "Home & Garden > Kitchen & Dining > Kitchen Appliances > Microwave Ovens",
            "home.kitchen-appliances",
        ),
        ("Furniture > Sofas > Chesterfield", "furniture.sofas"),
    ];
    for (code, expected) in cases {
        assert_eq!(from_foreign(code), Some(slug(expected)), "{code}");
        assert_eq!(parse(code), Ok(slug(expected)), "{code}");
    }
    for (code, expected) in [
        ("unspsc:43211503", "computers.laptops"),
        ("unspsc:43211599", "computers"),
        ("unspsc:44103105", "computers.printing-supplies"),
        ("unspsc:4410310500", "computers.printing-supplies"),
        ("unspsc:50000000", "food-and-drink"),
        ("gpc:50160000", "food-and-drink.sweets"),
        ("gpc:50202200", "food-and-drink"),
        ("gpc:86000000", "toys-and-games"),
        ("gpc:10000000", "animals"),
        ("Haus > Lampen > Desk lamps for children", "home.lighting"),
    ] {
        assert_eq!(from_foreign(code), Some(slug(expected)), "{code}");
    }
    for code in ["unspsc:", "unspsc:9", "unspsc:99999999", "unspsc:4321x503", "gpc:10001352", "gpc:-1"] {
        assert_eq!(from_foreign(code), None, "{code}");
    }
    for code in ["google:", "google:99999999999", "google:-1", "shopify:", "shopify:zz-1", "laptops", ""] {
        assert_eq!(from_foreign(code), None, "{code}");
    }
}

#[test]
fn paths_of_ones_own_are_read_from_their_end() {
    for (path, expected) in [
        ("Furniture > Sofas > Chesterfield", "furniture.sofas"),
        ("Home/Lighting/Pendant lamps", "home.lighting"),
        ("Shop | Vehicles | Folding bikes 20 inch", "vehicles.bicycles"),
        ("wine glasses", "home.tableware"),
        ("Furniture > Office Furniture > Desks", "furniture.desks"),
    ] {
        assert_eq!(from_path(path), Some(slug(expected)), "{path}");
    }
    for nothing in ["", ">", "Angebote > Neu", "1/2/3"] {
        assert_eq!(from_path(nothing), None, "{nothing}");
    }
    assert_eq!(
        (named("Laptops"), named("Office chair")),
        (Some(slug("computers.laptops")), Some(slug("furniture.office-chairs")))
    );
    assert_eq!(named("a chair for the office"), None);
}

#[test]
fn an_unknown_category_is_answered_with_the_nearest() {
    let nearest = |text: &str| parse(text).unwrap_err().nearest;
    assert_eq!(nearest("vehicles.bycicles").first(), Some(&slug("vehicles.bicycles")));
    assert_eq!(nearest("vehicels").first(), Some(&slug("vehicles")));
    assert_eq!(nearest("furniture.sofa").first(), Some(&slug("furniture.sofas")));
    assert!(nearest("bicycles").contains(&slug("vehicles.bicycles")));
    assert!(nearest("laptop").contains(&slug("computers.laptops")));
    assert!(nearest("xyzzy").is_empty());
    assert!(nearest(&"vehicles".repeat(10_000)).len() <= 5);
    let told = parse("vehicles.bycicles").unwrap_err().to_string();
    assert!(told.contains("vehicles.bicycles"), "{told}");
    assert!(parse("xyzzy").unwrap_err().to_string().contains("the roots are animals, apparel"));
}

#[test]
fn wishes_are_understood() {
    let cases = [
        ("cargo bike", "vehicles.bicycles"),
        ("Two red chairs", "furniture.chairs"),
        ("batteries", "electronics.batteries"),
        ("laptop bag", "computers.accessories"),
        ("camera bag", "cameras.bags"),
        ("gaming keyboard", "computers.input"),
        ("computer desk", "furniture.desks"),
        ("nintendo switch games", "software.games"),
        ("nintendo switch", "electronics.consoles"),
        ("wedding ring", "jewellery.rings"),
        ("iPhone 11", "phones.mobile"),
        ("piano lessons for a child", "services.lessons"),
        ("used Samsung television 55 inch", "electronics.televisions"),
        ("wood coffee table set by storage", "furniture.tables"),
        ("plumber for a leaking pipe in the kitchen", "services.plumbing"),
    ];
    for (wish, expected) in cases {
        assert_eq!(guess(wish), Some(slug(expected)), "{wish}");
    }
    for nothing in ["", "xyzzy", "😀", "1234", "the of and"] {
        assert_eq!(guess(nothing), None, "{nothing}");
    }
}

#[test]
fn most_real_queries_find_a_category() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data");
    let Ok(text) = std::fs::read_to_string(format!("{folder}/judgements.csv")) else {
        println!("skipped: the shared data folder is absent");
        return;
    };
    let queries: BTreeSet<&str> = text.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    let found = queries.iter().filter(|query| guess(query).is_some()).count();
    assert!(found * 10 >= queries.len() * 9, "{found} of {} queries", queries.len());
}

proptest! {
    #[test]
    fn any_slug_reads_back(text in "(vehicles|home)(\\.[a-z0-9]{1,8}(-[a-z0-9]{1,8})?){0,3}") {
        let slug = Slug::new(&text).unwrap();
        prop_assert_eq!(slug.to_string(), text);
        let bytes = serde_ipld_dagcbor::to_vec(&slug).unwrap();
        prop_assert_eq!(serde_ipld_dagcbor::from_slice::<Slug>(&bytes).unwrap(), slug);
    }

    #[test]
    fn nothing_written_brings_the_guesses_down(text in any::<String>()) {
        let _ = (guess(&text), parse(&text), from_foreign(&text), from_path(&text));
    }
}
