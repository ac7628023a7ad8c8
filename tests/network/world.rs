//! An internet of two networks, and sites on it: hosts with or without a router before them.

use std::{
    net::Ipv4Addr,
    path::Path,
    sync::atomic::{AtomicU8, Ordering},
};

use tempfile::TempDir;

use super::{
    nat::Nat,
    room::{Room, fresh_name},
};

/// One of the two networks. Source of the addresses: RFC 5737, addresses for documentation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Land {
    /// 203.0.113.0/24
    North,
    /// 198.51.100.0/24
    South,
}

impl Land {
    fn bridge(self) -> &'static str {
        match self {
            Self::North => "north",
            Self::South => "south",
        }
    }

    fn address(self, host: u8) -> Ipv4Addr {
        match self {
            Self::North => Ipv4Addr::new(203, 0, 113, host),
            Self::South => Ipv4Addr::new(198, 51, 100, host),
        }
    }
}

/// The place of the router of each network, and the first that a site gets.
const GATEWAY: u8 = 1;
const FIRST: u8 = 10;

/// The internet with all that is on it.
pub(crate) struct World {
    name: String,
    internet: Room,
    taken: AtomicU8,
    folder: TempDir,
}

impl World {
    /// Two networks and a router between them.
    pub(crate) fn new() -> Self {
        let name = fresh_name();
        let internet = Room::new(&name, "internet");
        internet.set("net/ipv4/ip_forward", "1");
        for land in [Land::North, Land::South] {
            let (bridge, gateway) = (land.bridge(), land.address(GATEWAY));
            internet.ip(&format!(
                "link add {bridge} type bridge\naddress add {gateway}/24 dev {bridge}\nlink set {bridge} up\n"
            ));
        }
        let folder = tempfile::Builder::new().prefix("bespeak-net").tempdir().expect("a temporary folder");
        Self { name, internet, taken: AtomicU8::new(FIRST), folder }
    }

    /// Where homes and logs lie. It outlives a test that fails, so that the logs can be read.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A host with a public address.
    pub(crate) fn public(&self, name: &str, land: Land) -> Site {
        self.site(name, land, Nat::None)
    }

    /// A host, behind a router unless it has none.
    pub(crate) fn site(&self, name: &str, land: Land, nat: Nat) -> Site {
        let host = Room::new(&self.name, name);
        let (router, address) = self.connect(&host, land, nat);
        Site { host, router, address }
    }

    /// Pulls a site's plug and puts it in elsewhere: another address, another router.
    pub(crate) fn move_to(&self, site: &mut Site, land: Land, nat: Nat) {
        site.host.ip("link delete eth0");
        site.router = None;
        (site.router, site.address) = self.connect(&site.host, land, nat);
    }

    /// Cuts the two networks apart.
    pub(crate) fn cut(&self) {
        self.internet.nft(
            "table inet cut {\n chain between {\n type filter hook forward priority filter; policy accept;\n \
             iifname \"north\" oifname \"south\" drop\n iifname \"south\" oifname \"north\" drop\n }\n}\n",
        );
    }

    /// Joins them again.
    pub(crate) fn heal(&self) {
        self.internet.nft("delete table inet cut\n");
    }

    fn connect(&self, host: &Room, land: Land, nat: Nat) -> (Option<Room>, Ipv4Addr) {
        let Some(rules) = nat.rules() else {
            return (None, self.plug_in(host, "eth0", land));
        };
        let number = self.taken.load(Ordering::Relaxed);
        let router = Room::new(&self.name, &format!("router{number}"));
        let address = self.plug_in(&router, "wan", land);
        router.set("net/ipv4/ip_forward", "1");
        router.nft(&rules);
        let inner = host.name();
        // Every household has the same addresses inside, as in life.
        router.ip(&format!(
            "link add lan type veth peer name eth0 netns {inner}\naddress add 192.168.77.1/24 dev lan\nlink set lan up\n"
        ));
        host.ip(
            "address add 192.168.77.2/24 dev eth0\nlink set eth0 up\nroute add default via 192.168.77.1\n",
        );
        (Some(router), address)
    }

    /// Leads a line from a room to one of the networks, with the next address there.
    fn plug_in(&self, room: &Room, device: &str, land: Land) -> Ipv4Addr {
        let number = self.taken.fetch_add(1, Ordering::Relaxed);
        let (address, gateway, bridge) = (land.address(number), land.address(GATEWAY), land.bridge());
        let to = room.name();
        self.internet.ip(&format!(
            "link add line{number} type veth peer name {device} netns {to}\n\
             link set line{number} master {bridge}\nlink set line{number} up\n"
        ));
        room.ip(&format!(
            "address add {address}/24 dev {device}\nlink set {device} up\nroute add default via {gateway}\n"
        ));
        address
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.folder.disable_cleanup(true);
            println!("the homes and logs of the failed test are left in {}", self.folder.path().display());
        }
    }
}

/// A host, the router before it if there is one, and the address by which others see it.
pub(crate) struct Site {
    pub(crate) host: Room,
    router: Option<Room>,
    pub(crate) address: Ipv4Addr,
}

impl Site {
    /// Where everything passes that comes to this site: its router, else the host itself.
    pub(crate) fn edge(&self) -> &Room {
        self.router.as_ref().unwrap_or(&self.host)
    }

    /// Loses so many of a hundred packets that reach the host, whoever sent them.
    pub(crate) fn lose(&self, percent: u8) {
        self.host.nft(&format!(
            "table inet loss {{\n counter lost {{ }}\n chain in {{\n \
             type filter hook prerouting priority -500; policy accept;\n iifname \"lo\" accept\n \
             numgen random mod 100 < {percent} counter name lost drop\n }}\n}}\n"
        ));
    }
}
