#![allow(clippy::unwrap_used)]
use super::*;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn target(more: &str) -> Result<Targets, ConfigError> {
    Targets::from_toml(&format!("[[target]]\nname = \"a\"\nurl = \"https://example.com/x\"\n{more}\n"))
}

#[test]
fn each_shape_is_read_and_written_again() {
    let text = format!(
        r#"
keep = "30d"
[[target]]
name = "shop"
url = "https://hooks.example.com/bespeak"
secrets = ["{SECRET}"]
events = ["order-placed", "order-completed"]
text = true
[[target]]
name = "hub"
url = "https://api.hubapi.com"
shape = "hubspot"
auth = "Bearer abc"
stages = {{ open = "1", agreed = "2", won = "3", lost = "4" }}
[[target]]
name = "odoo"
url = "https://crm.example.com"
shape = "odoo"
auth = "bearer abc"
database = "mine"
[[target]]
name = "suite"
url = "http://127.0.0.1:8080/crm"
shape = "suitecrm"
client = {{ id = "me", secret = "abc" }}
"#
    );
    let read = Targets::from_toml(&text).unwrap();
    assert_eq!(read.targets.len(), 4);
    assert_eq!(read.keep.0.seconds(), 30 * 86_400);
    assert_eq!(Targets::from_toml(&toml::to_string(&read).unwrap()).unwrap(), read);
    assert_eq!(serde_json::from_str::<Targets>(&serde_json::to_string(&read).unwrap()).unwrap(), read);
    assert_eq!(Targets::default().keep.0.seconds(), KEEP);
}

#[test]
fn nothing_that_opens_a_door_is_shown_or_printed() {
    let read = target(&format!("secrets = [\"{SECRET}\"]\nauth = \"Bearer hunter2\"")).unwrap();
    let shown = serde_json::to_string(&read.targets[0].shown()).unwrap();
    for text in [shown, format!("{read:?}")] {
        assert!(!text.contains("MfKQ") && !text.contains("hunter2"), "{text}");
    }
    let half = target("auth = \"Bearer hunter2\nsecrets = [\"whsec_hunter2\"]").unwrap_err();
    assert!(matches!(half, ConfigError::Form(_)));
    for wrong in [
        "auth = \"Bearer hunter2",
        "secrets = [\"whsec_hunter2\"]",
        "auth = [\"hunter2\"]",
        "secrets = \"hunter2\"",
        "text = \"hunter2\"",
    ] {
        let told = target(wrong).unwrap_err().to_string();
        assert!(!told.contains("hunter2") && told.starts_with("line "), "{told}");
    }
}

#[test]
fn what_is_wrong_is_said_in_a_sentence() {
    let wrong = [
        ("", "needs a secret or auth"),
        ("auth = \"x\"\nsecret = \"y\"", "unknown field `secret`"),
        ("auth = \"x\"\nshape = \"fax\"", "unknown variant `fax`"),
        ("auth = \"x\"\nevents = [\"order-lost\"]", "unknown variant `order-lost`"),
        ("shape = \"hubspot\"", "HubSpot needs auth"),
        ("shape = \"odoo\"", "Odoo needs auth"),
        ("shape = \"suitecrm\"", "SuiteCrm needs client or auth"),
        (
            "shape = \"suitecrm\"\nauth = \"x\"\nclient = { id = \"a\", secret = \"b\" }",
            "auth beside client means nothing",
        ),
        ("auth = \"x\"\ndatabase = \"y\"", "database means nothing"),
        ("auth = \"x\"\npipeline = \"y\"", "pipeline means nothing"),
        (
            "shape = \"odoo\"\nauth = \"x\"\nsecrets = [\"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\"]",
            "secrets means nothing",
        ),
        ("shape = \"odoo\"\nauth = \"x\"\ndatabase = \"a\\nb\"", "1 to 100 printable"),
        ("auth = \"x\\r\\nHost: y\"", "printable characters"),
        (
            "auth = \"x\"\n[[target]]\nname = \"a\"\nurl = \"https://b.example\"\nauth = \"y\"",
            "two targets are called a",
        ),
        ("auth = \"x\"\n[[target]]\nname = \"A b\"\nurl = \"https://b.example\"", "no name of a target"),
        ("auth = \"x\"\n[[target]]\nname = \"b\"\nurl = \"http://b.example\"\nauth = \"y\"", "in the clear"),
    ];
    for (text, words) in wrong {
        let told = target(text).unwrap_err().to_string();
        assert!(told.contains(words), "{text}: {told}");
    }
    let many: String = (0..=MAX_TARGETS)
        .map(|n| format!("[[target]]\nname = \"t{n}\"\nurl = \"https://a.example\"\nauth = \"x\"\n"))
        .collect();
    assert_eq!(Targets::from_toml(&many), Err(ConfigError::TooMany));
    let secrets = format!("secrets = [{}]", vec![format!("\"{SECRET}\""); MAX_SECRETS + 1].join(","));
    assert!(target(&secrets).unwrap_err().to_string().contains("at most 4"));
    assert!(Targets::from_toml("keep = \"2y\"").unwrap_err().to_string().contains("span of time"));
}
