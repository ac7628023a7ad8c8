//! A backup as it is asked for, and how it breaks off.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use bespeak_api::client::{ClientError, Download};
use bespeak_api::idempotency::REPLAYED_HEADER;
use bespeak_api::request::Backup;
use bespeak_node::Role;
use bespeak_node::data::Description;
use common::House;
use serde_json::{Value, json};
use tokio::sync::watch;
use tower::ServiceExt;

async fn whole(mut download: Download) -> Vec<u8> {
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await.unwrap() {
        bytes.extend_from_slice(&piece);
    }
    bytes
}

#[tokio::test(flavor = "multi_thread")]
async fn it_comes_in_pieces_and_the_node_remembers_when() {
    let house = House::start(Role::Customer, &[]).await;
    let before: Value = house.client.get("/v1/status").await.unwrap();
    assert_eq!(before["last_backup"], Value::Null);
    for (body, wanted) in [(json!({ "passphrase": "short" }), "8 characters"), (json!({ "pass": 1 }), "pass")]
    {
        let Err(ClientError::Refused(problem)) = house.client.download("/v1/backup", &body).await else {
            panic!("{body} is refused");
        };
        assert_eq!(problem.status, 400);
        assert!(problem.detail.contains(wanted), "{problem}");
    }
    let backup = whole(house.client.download("/v1/backup", &Backup::to(None)).await.unwrap()).await;
    assert!(backup.starts_with(b"age-encryption.org/v1\n"));
    let after: Value = house.client.get("/v1/status").await.unwrap();
    assert!(after["last_backup"].as_str().is_some_and(|at| at.ends_with('Z')), "{after}");
    house.serving.stop().await;
    house.node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_never_remembered_as_an_answer() {
    let house = House::start(Role::Customer, &[]).await;
    let router = bespeak_api::router(house.node.clone(), watch::channel(false).1);
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let request =
            Request::post("/v1/backup").header("idempotency-key", "one").body(Body::empty()).unwrap();
        let response = router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["content-type"], "application/age");
        assert!(!response.headers().contains_key(REPLAYED_HEADER));
        bodies.push(axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap());
    }
    assert_ne!(bodies[0], bodies[1], "each is encrypted anew");
    house.node.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_breaks_off_does_not_look_whole() {
    let house = House::start(Role::Customer, &[]).await;
    for number in 0..3 {
        let (kind, media_type) = ("film".parse().unwrap(), "video/mp4".to_owned());
        let said = Description { kind, name: None, media_type, tags: Vec::new() };
        house.node.keep_data(said, vec![number; 4 << 20]).await.unwrap();
    }
    let mut download = house.client.download("/v1/backup", &Backup::to(None)).await.unwrap();
    download.next().await.unwrap().unwrap();
    house.node.shutdown().await;
    let end = loop {
        match download.next().await {
            Ok(Some(_)) => {}
            other => break other,
        }
    };
    assert!(end.is_err(), "the store was closed in the middle: {end:?}");
    house.serving.stop().await;
}
