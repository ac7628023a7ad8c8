//! What a home keeps lies nowhere in the clear: real programs trade, logging everything they can, then every byte they
//! wrote is searched.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "secrets/planted.rs"]
mod planted;
#[path = "market/process.rs"]
mod process;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use bespeak_identity::{Purpose, Seed};
use bespeak_node::home::{self, Cost, InitOptions, Passphrase};
use bespeak_node::{Protection, Role};
use bespeak_tests::wait_for;
use bespeak_vault::{Limits, Unlock, Vault};
use planted::{Secret, files, finds};
use process::{Running, program, text};
use serde_json::Value;

/// What the customer wants. Each wish and each price is looked for.
const WISHES: [(&str, &str); 10] = [
    ("quittenblaues Klapprad Vesperino", "51234567.01"),
    ("gebrauchter Tandemrahmen Ottokar", "51234568.13"),
    ("Lastenrad fuer Tante Friedegund", "51234569.25"),
    ("Kinderanhaenger Pusteblume zweisitzig", "51234570.37"),
    ("Einrad mit Zirkusnabe Bellachini", "51234571.49"),
    ("Rennlenker Marke Sturmvogel", "51234572.51"),
    ("Dynamo von anno Tobak", "51234573.63"),
    ("Satteldecke aus Ziegenhaar", "51234574.75"),
    ("Fahrradkorb Weidenglueck", "51234575.87"),
    ("Klingel Glockenspiel Bimmelbert", "51234576.99"),
];

/// What the vendor sells; the first answers the first wish.
const GOODS: [(&str, &str, &str); 10] = [
    ("GEHEIM-SKU-0", "Klapprad Vesperino in Quittenblau", "61234567.02"),
    ("GEHEIM-SKU-1", "Pedale Trittbrett Eisenherz", "61234568.14"),
    ("GEHEIM-SKU-2", "Kette Gliederfuss vernickelt", "61234569.26"),
    ("GEHEIM-SKU-3", "Luftpumpe Puste Modell Herkules", "61234570.38"),
    ("GEHEIM-SKU-4", "Flickzeug Lochgluck komplett", "61234571.41"),
    ("GEHEIM-SKU-5", "Schlauch Gummiboa dreissig Zoll", "61234572.53"),
    ("GEHEIM-SKU-6", "Speichenset Strahlemann", "61234573.65"),
    ("GEHEIM-SKU-7", "Gepaecktraeger Lastesel Kunibert", "61234574.77"),
    ("GEHEIM-SKU-8", "Schutzblech Matschfang", "61234575.89"),
    ("GEHEIM-SKU-9", "Standbein Storchenfuss", "61234576.91"),
];

/// Personal data: what is written in the file, what it is called, a tag.
const DATA: [(&str, &str, &str); 3] = [
    (r#"{"street":"Holunderweg 417b","city":"Unterhexenbach"}"#, "Wohnung meiner Muhme", "stammbaum"),
    (r#"{"passport":"C01X00T478921","born":"1971-02-30"}"#, "Reisepapiere Adalgunde", "kofferpacken"),
    (r#"{"shoe":"43 und ein halber","width":"H wie Heinrich"}"#, "Fussmasse linksseitig", "barfuss"),
];

const SAID: [&str; 2] =
    ["Bitte beim Nachbarn Kasimir klingeln", "Gern, mein Lehrling Balduin kommt um fuenf"];
const PAYTO: &str = "payto://iban/DE75512108001245126199?message=Zwetschgenkuchen";
const PROOF: &str = "Ueberweisung Nummer Siebenschlaefer";
const COUNTER: (&str, &str) = ("60234567.03", "Mehr hat der Strumpf nicht hergegeben");

/// One side: its home, and the words and passphrase that open it.
struct Side {
    folder: PathBuf,
    name: &'static str,
    passphrase: &'static str,
    phrase: String,
}

impl Side {
    fn make(folder: &Path, role: Role, name: &'static str, passphrase: &'static str) -> Self {
        let options = InitOptions { role, name: name.parse().ok(), network: "test".parse().unwrap() };
        // The least work that is believed: what is sought here does not depend on it.
        let protection = Protection::Passphrase(Passphrase::new(passphrase).unwrap(), Cost::LEAST);
        let folder = folder.join(role.as_str());
        std::fs::create_dir(&folder).unwrap();
        let made = home::init(&folder.join("home"), &options, &protection).unwrap();
        Self { folder, name, passphrase, phrase: made.recovery_phrase.to_string() }
    }

    fn home(&self) -> PathBuf {
        self.folder.join("home")
    }

    fn file(&self, name: &str, content: &str) -> String {
        let path = self.folder.join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// Starts its node; each life has a log of its own.
    fn start(&self, life: usize, peer: &str) -> Running {
        let (home, secret) = (self.home(), self.file("secret.txt", self.passphrase));
        let home = home.to_str().unwrap();
        let words = ["--home", home, "--json", "run", "--passphrase-file", &secret, "--peer", peer];
        let listen = ["--listen", "/ip4/127.0.0.1/tcp/0"];
        let log = self.folder.join(format!("node-{life}.log"));
        Running::start_logging("bespeak", &[words.as_slice(), &listen].concat(), &log, "trace")
    }

    /// One command; what it logs is kept too.
    fn ask(&self, words: &[&str]) -> Value {
        let log = std::fs::File::options().append(true).create(true).open(self.folder.join("asked.log"));
        let output = Command::new(program("bespeak"))
            .args(["--json", "--home", self.home().to_str().unwrap()])
            .args(words)
            .env("BESPEAK_LOG", "trace")
            .stdin(Stdio::null())
            .stderr(log.unwrap())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{words:?}: {said}");
        serde_json::from_str(&said).unwrap_or_else(|error| panic!("{words:?}: {error}: {said}"))
    }

    fn awaited(&self, what: &str, words: &[&str], fits: impl Fn(&Value) -> bool) -> Value {
        let list = || self.ask(words).as_array().cloned().unwrap_or_default();
        wait_for(what, || list().into_iter().find(&fits))
    }

    /// What is a secret of this side before anything is said.
    fn secrets(&self) -> Vec<Secret> {
        let mut all = vec![Secret::text("name", self.name), Secret::text("passphrase", self.passphrase)];
        let words: Vec<&str> = self.phrase.split(' ').collect();
        all.extend(words.windows(3).step_by(3).map(|some| Secret::text("words", &some.join(" "))));
        let entropy = bip39::Mnemonic::parse(&self.phrase).unwrap().to_entropy();
        all.push(Secret::key("seed", &entropy));
        let seed = Seed::from_phrase(&self.phrase).unwrap();
        for purpose in [Purpose::Party, Purpose::PartySeal, Purpose::Store, Purpose::Vault] {
            all.push(Secret::key(purpose.label(), seed.derive(purpose).as_slice()));
        }
        let bytes = std::fs::read(self.home().join("vault")).unwrap();
        let vault = Vault::from_bytes(&bytes, &Limits::STANDARD).unwrap();
        let opened = vault.unlock(&Unlock::Words(&seed.derive(Purpose::Vault))).unwrap();
        for purpose in ["store", "vault/contents"] {
            all.push(Secret::key(purpose, opened.key.derive(purpose).as_slice()));
        }
        all
    }
}

fn everything(customer: &Side, vendor: &Side) -> Vec<Secret> {
    let mut all: Vec<Secret> = [customer.secrets(), vendor.secrets()].into_iter().flatten().collect();
    for (title, price) in WISHES {
        all.extend([Secret::text("wish", title), Secret::price(price)]);
    }
    for (sku, title, price) in GOODS {
        all.extend([Secret::text("article", sku), Secret::text("goods", title), Secret::price(price)]);
    }
    for (content, name, tag) in DATA {
        let values = content.split('"').filter(|part| part.len() > 8);
        all.extend(values.chain([name, tag]).map(|part| Secret::text("data", part)));
    }
    all.extend(SAID.map(|words| Secret::text("message", words)));
    all.extend([PROOF, COUNTER.1].map(|words| Secret::text("message", words)));
    all.extend(["DE75512108001245126199", "Zwetschgenkuchen"].map(|part| Secret::text("account", part)));
    all.push(Secret::price(COUNTER.0));
    all
}

/// A wish, an offer, a counter-offer, an order, words and a receipt; personal data and a catalogue.
fn trade(customer: &Side, vendor: &Side) {
    let line = |(sku, title, price): (&str, &str, &str)| {
        serde_json::json!({ "sku": sku, "title": title, "price": format!("{price} EUR") }).to_string()
    };
    let goods = vendor.file("goods.jsonl", &GOODS.map(line).join("\n"));
    assert_eq!(vendor.ask(&["catalogue", "import", &goods])["imported"], GOODS.len());
    for (content, name, tag) in DATA {
        let file = customer.file("data.json", content);
        customer.ask(&["data", "add", &file, "--type", "personal", "--name", name, "--tag", tag]);
    }
    for (title, price) in WISHES.into_iter().rev() {
        let most = format!("{price}EUR");
        customer.ask(&["want", title, "--category", "vehicles.bicycles", "--max", &most]);
    }
    let heard = |item: &Value| item["title"] == WISHES[0].0;
    let wish = text(&vendor.awaited("the first wish", &["inbox"], heard), "intention");
    vendor.ask(&["offer", &wish, "--sku", GOODS[0].0, "--price", &format!("{}EUR", WISHES[0].1)]);
    let offer = customer.awaited("the offer", &["offers", &wish], |_| true);
    let offer_id = text(&offer, "offer");
    let less = format!("{}EUR", COUNTER.0);
    customer.ask(&["counter", &offer_id, "--total", &less, "--text", COUNTER.1]);
    vendor.awaited("the counter-offer", &["offers"], |item| item["state"] == "countered");
    let placed = customer.ask(&["accept", &offer_id]);
    let (order, thread) = (text(&placed, "order"), text(&placed, "thread"));
    let of = |item: &Value| item["order"] == order.as_str();
    vendor.awaited("the order", &["order", "list"], of);
    vendor.ask(&["order", "accept", &order]);
    for (speaker, listener, words) in [(customer, vendor, SAID[0]), (vendor, customer, SAID[1])] {
        speaker.ask(&["say", &thread, words]);
        listener.awaited("what was said", &["messages", &thread], |item| item["text"] == words);
    }
    vendor.ask(&["order", "request-payment", &order, "--payto", PAYTO]);
    customer.awaited("the request", &["order", "list"], |item| of(item) && item["payment"] == "requested");
    customer.ask(&["order", "paid", &order, "--proof", PROOF]);
    vendor.awaited("the proof", &["order", "list"], |item| of(item) && item["payment"] == "sent");
    vendor.ask(&["order", "payment-received", &order]);
    vendor.ask(&["order", "fulfil", &order]);
    let all_there = |order: &Value| order["lines"][0]["fulfilled"] == order["lines"][0]["ordered"];
    wait_for("the goods", || Some(customer.ask(&["order", "show", &order])).filter(&all_there));
    customer.ask(&["order", "complete", &order]);
    for side in [customer, vendor] {
        side.awaited("the receipt", &["receipt", "list"], of);
    }
}

#[test]
fn nothing_planted_is_found_in_homes_or_logs() {
    let folder = tempfile::tempdir().unwrap();
    let customer =
        Side::make(folder.path(), Role::Customer, "Adalgunde Zinnober", "sieben Zwerge im Regenmantel");
    let vendor = Side::make(folder.path(), Role::Vendor, "Radhaus Wunderlich", "acht Gamsboecke auf Abwegen");
    let secrets = everything(&customer, &vendor);
    let names: std::collections::BTreeSet<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
    assert!(names.len() >= 50, "only {} are planted", names.len());

    let home = folder.path().join("relay");
    let words = ["run", "--home", home.to_str().unwrap(), "--json", "--network", "test"];
    let words = [words.as_slice(), &["--listen", "/ip4/127.0.0.1/tcp/0"]].concat();
    let mut relay =
        Running::start_logging("bespeak-relay", &words, &folder.path().join("relay.log"), "trace");
    let peer = relay.address();
    let (mut seller, mut buyer) = (vendor.start(1, &peer), customer.start(1, &peer));
    trade(&customer, &vendor);

    // As a power cut leaves them; then as a start leaves them, and an end in good order.
    buyer.kill();
    seller.kill();
    let logs = |side: &Side| -> Vec<PathBuf> {
        files(&side.folder)
            .into_iter()
            .filter(|file| file.extension().is_some_and(|end| end == "log"))
            .collect()
    };
    let search = || {
        let written =
            [files(&customer.home()), files(&vendor.home()), files(&home), logs(&customer), logs(&vendor)];
        let written = [written.concat(), vec![folder.path().join("relay.log")]].concat();
        assert_eq!(finds(&secrets, &written), Vec::<String>::new());
    };
    search();
    let (mut seller, mut buyer) = (vendor.start(2, &peer), customer.start(2, &peer));
    let data = customer.ask(&["data", "list"]);
    assert!(data.to_string().contains(DATA[0].1), "what was planted is there: {data}");
    assert_eq!(customer.ask(&["receipt", "list"]).as_array().map(Vec::len), Some(1));
    for running in [&mut buyer, &mut seller, &mut relay] {
        assert_eq!(running.terminate(), Some(0));
    }
    search();
    // What is no secret is found: the logs are those of everything, and the homes are the ones that were written.
    let open = [Secret::text("level", "TRACE"), Secret::text("vault", "bespeak vault")];
    for side in [&customer, &vendor] {
        assert_eq!(finds(&open[..1], &[side.folder.join("node-1.log")]).len(), 1);
        assert_eq!(finds(&open[1..], &files(&side.home())).len(), 1);
    }
}
