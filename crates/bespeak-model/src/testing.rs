//! What the tests of all values share.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fmt::Debug;

use ipld_core::ipld::Ipld;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The value comes back from DRISL and from JSON, and its DRISL bytes come back too.
pub(crate) fn assert_round_trips<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let bytes = serde_ipld_dagcbor::to_vec(value).unwrap();
    let back: T = serde_ipld_dagcbor::from_slice(&bytes).unwrap();
    assert_eq!(&back, value);
    assert_eq!(serde_ipld_dagcbor::to_vec(&back).unwrap(), bytes);
    let json = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&json).unwrap(), value, "{json}");
    assert!(!holds_float(&serde_ipld_dagcbor::from_slice(&bytes).unwrap()), "a float in {value:?}");
}

fn holds_float(data: &Ipld) -> bool {
    match data {
        Ipld::Float(_) => true,
        Ipld::List(items) => items.iter().any(holds_float),
        Ipld::Map(entries) => entries.values().any(holds_float),
        _ => false,
    }
}

/// Neither format takes this JSON for a `T`.
pub(crate) fn assert_refused<T: DeserializeOwned + Debug>(json: &serde_json::Value) {
    let read = serde_json::from_value::<T>(json.clone());
    assert!(read.is_err(), "JSON {json} was read as {read:?}");
    // The same map as DRISL; numbers that no record can hold do not encode, which is a refusal too.
    if let Ok(bytes) = serde_ipld_dagcbor::to_vec(json) {
        let read = serde_ipld_dagcbor::from_slice::<T>(&bytes);
        assert!(read.is_err(), "DRISL of {json} was read as {read:?}");
    }
}
