//! How a node and its home stand, as the API tells it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::os::unix::fs::PermissionsExt;

use bespeak_api::request::Backup;
use bespeak_node::Role;
use common::{House, until};
use serde_json::{Value, json};

async fn lines(house: &House) -> Vec<Value> {
    let found: Value = house.client.get("/v1/doctor").await.unwrap();
    let lines = found["lines"].as_array().unwrap().clone();
    for line in &lines {
        let fine = line["state"] == "fine";
        assert!(["fine", "attention", "broken"].contains(&line["state"].as_str().unwrap()), "{line}");
        assert_eq!(fine, line.get("mend").is_none(), "what is not fine can be mended: {line}");
        assert!(line["says"].as_str().unwrap().ends_with('.'), "{line}");
    }
    lines
}

/// The state and the sentence of the first line about something.
async fn about(house: &House, what: &str) -> (String, String) {
    let lines = lines(house).await;
    let line = lines.iter().find(|line| line["what"] == what).unwrap_or_else(|| panic!("{what}: {lines:?}"));
    (line["state"].as_str().unwrap().to_owned(), line["says"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_node_is_well_and_told_what_it_lacks() {
    let house = House::start(Role::Customer, &[]).await;
    let lines = lines(&house).await;
    let states: Vec<_> =
        lines.iter().map(|line| (line["what"].as_str().unwrap(), line["state"].as_str().unwrap())).collect();
    let wanted = [
        ("version", "fine"),
        ("node", "fine"),
        ("home", "fine"),
        ("files", "fine"),
        ("vault", "attention"),
        ("store", "fine"),
        ("journal", "fine"),
        ("index", "fine"),
        ("disk", "fine"),
        ("backup", "attention"),
        ("clock", "fine"),
        ("address", "fine"),
        ("nat", "fine"),
        ("peers", "attention"),
        ("relay", "attention"),
        ("heard", "attention"),
    ];
    assert_eq!(states, wanted);
    let described = serde_json::to_value(bespeak_api::openapi()).unwrap();
    let schemas = &described["components"]["schemas"];
    for line in &lines {
        for key in line.as_object().unwrap().keys() {
            assert!(schemas["Line"]["properties"][key].is_object(), "{key} is not described");
        }
    }
    assert!(
        schemas["Line"]["description"].is_string()
            && schemas["Examination"]["properties"]["lines"].is_object()
    );

    let mut backup = house.client.download("/v1/backup", &Backup::to(None)).await.unwrap();
    while backup.next().await.unwrap().is_some() {}
    let (state, says) = about(&house, "backup").await;
    assert!(state == "fine" && says.contains("0 minutes ago"), "{says}");

    let vault = house.node.home().join("vault");
    std::fs::set_permissions(&vault, std::fs::Permissions::from_mode(0o644)).unwrap();
    let (state, says) = about(&house, "files").await;
    assert!(state == "broken" && says.starts_with("vault is open to others"), "{says}");
    house.serving.stop().await;
    house.node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn peers_that_come_are_seen_and_pass_on_what_is_said() {
    let vendor = House::start(Role::Vendor, &[]).await;
    let customer = House::start(Role::Customer, &vendor.node.listen_addresses()).await;
    until(async || {
        let (heard, peers) = (about(&customer, "heard").await, about(&customer, "peers").await);
        (heard.0 == "fine" && peers.0 == "fine").then(|| assert!(heard.1.starts_with("1 peer"), "{heard:?}"))
    })
    .await;
    // The vendor is no relay, and nothing else holds the customer's mail.
    until(async || {
        let (state, says) = about(&customer, "relay").await;
        (state == "attention" && says.starts_with("No relay holds your mail")).then_some(())
    })
    .await;
    let status: Value = customer.client.get("/v1/status").await.unwrap();
    assert_eq!((&status["store"]["damaged"], &status["store"]["missing"]), (&json!(0), &json!(0)));
    for house in [customer, vendor] {
        house.serving.stop().await;
        house.node.shutdown().await;
    }
}
