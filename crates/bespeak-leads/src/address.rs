//! Where leads may be sent.
//!
//! The vendor names its own targets, so nobody else chooses an address for it; what is guarded here is the vendor itself:
//! against passwords in addresses (they end in logs), against names of customers in the clear on a wire, and against a name
//! that is made to point at a machine's own neighbourhood.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Longest address. Source: what common servers take in a request line is 8,000 bytes; a quarter of it is plenty.
const MAX_URL: usize = 2_048;

/// Why nothing is sent to an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No address at all.
    #[error("{0:?} is no address: write it as https://example.com/hook")]
    Unreadable(String),
    /// Neither https nor http.
    #[error("leads go to https:// addresses, not to {0}:")]
    Scheme(String),
    /// In the clear, over a network.
    #[error(
        "http:// would carry customers' data in the clear: use https://, or set allow_http = true for a network that is yours"
    )]
    Clear,
    /// A name or password in it.
    #[error("there is a name or a password in the address: use auth instead")]
    Credentials,
    /// A fragment, which is never sent.
    #[error("an address ends before #")]
    Fragment,
    /// A machine that nobody means.
    #[error("{0} is an address of a machine's own neighbourhood (link-local, multicast or none)")]
    Forbidden(IpAddr),
    /// In the clear, and not on this machine.
    #[error("http:// without allow_http goes to this machine alone, and the name leads to {0}")]
    NotLoopback(IpAddr),
}

/// Reads an address and checks all that can be checked without asking anybody.
///
/// # Errors
/// [`AddressError`].
pub fn read(text: &str, allow_http: bool) -> Result<Url, AddressError> {
    let unreadable = || AddressError::Unreadable(text.chars().take(80).collect());
    if text.len() > MAX_URL {
        return Err(unreadable());
    }
    // What is told of an address must not hold a password, even where nothing else of it is right.
    let url = Url::parse(text)
        .map_err(|_| if text.contains('@') { AddressError::Credentials } else { unreadable() })?;
    if !url.username().is_empty() || url.password().is_some() {
        return Err(AddressError::Credentials);
    }
    let host = url.host().ok_or_else(unreadable)?;
    match url.scheme() {
        "https" => {}
        "http" if allow_http || is_this_machine(&host) => {}
        "http" => return Err(AddressError::Clear),
        other => return Err(AddressError::Scheme(other.chars().take(20).collect())),
    }
    if url.fragment().is_some() {
        return Err(AddressError::Fragment);
    }
    match host {
        Host::Ipv4(ip) => meant(ip.into())?,
        Host::Ipv6(ip) => meant(ip.into())?,
        Host::Domain(_) => {}
    }
    Ok(url)
}

fn is_this_machine(host: &Host<&str>) -> bool {
    match host {
        Host::Ipv4(ip) => ip.is_loopback(),
        Host::Ipv6(ip) => ip.is_loopback(),
        Host::Domain(name) => *name == "localhost",
    }
}

/// Checks what a name led to: the very address that is then dialled, so that no second answer slips in between.
///
/// # Errors
/// [`AddressError::Forbidden`] and [`AddressError::NotLoopback`].
pub fn check(ip: IpAddr, clear: bool, allow_http: bool) -> Result<(), AddressError> {
    let ip = ip.to_canonical();
    meant(ip)?;
    if clear && !allow_http && !ip.is_loopback() {
        return Err(AddressError::NotLoopback(ip));
    }
    Ok(())
}

/// Link-local addresses are where clouds answer questions about a machine's own secrets. Private networks are allowed: the
/// vendor's own CRM often stands in one.
fn meant(ip: IpAddr) -> Result<(), AddressError> {
    let strange = match ip {
        IpAddr::V4(ip) => v4_is_strange(ip),
        IpAddr::V6(ip) => v6_is_strange(ip),
    };
    if strange { Err(AddressError::Forbidden(ip)) } else { Ok(()) }
}

fn v4_is_strange(ip: Ipv4Addr) -> bool {
    ip.is_link_local() || ip.is_multicast() || ip.is_broadcast() || ip.is_unspecified()
}

fn v6_is_strange(ip: Ipv6Addr) -> bool {
    if let Some(ip) = ip.to_ipv4_mapped() {
        return v4_is_strange(ip);
    }
    ip.is_unicast_link_local() || ip.is_multicast() || ip.is_unspecified()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn what_may_be_posted_to() {
        for text in [
            "https://hooks.example.com/a?b=c",
            "http://127.0.0.1:8080/",
            "http://[::1]/",
            "http://localhost/x",
            "https://10.0.0.7/",
        ] {
            assert!(read(text, false).is_ok(), "{text}");
        }
        assert!(read("http://crm.example.com/", true).is_ok());
    }

    #[test]
    fn what_may_not_is_said_and_no_password_with_it() {
        let forbidden = |ip: &str| AddressError::Forbidden(ip.parse().unwrap());
        let wrong = [
            ("hooks.example.com", AddressError::Unreadable("hooks.example.com".to_owned())),
            ("ftp://example.com/", AddressError::Scheme("ftp".to_owned())),
            ("http://example.com/", AddressError::Clear),
            ("http://127.0.0.1.example.com/", AddressError::Clear),
            ("https://me:secret@example.com/", AddressError::Credentials),
            ("https://me@example.com/", AddressError::Credentials),
            ("https://me:secret@:/", AddressError::Credentials),
            ("https://example.com/#x", AddressError::Fragment),
            ("https://169.254.169.254/latest/", forbidden("169.254.169.254")),
            ("https://[fe80::1]/", forbidden("fe80::1")),
            ("https://[::ffff:169.254.169.254]/", forbidden("::ffff:169.254.169.254")),
            ("https://0.0.0.0/", forbidden("0.0.0.0")),
        ];
        for (text, error) in wrong {
            let told = read(text, false).unwrap_err();
            assert_eq!(told, error, "{text}");
            assert!(!told.to_string().contains("secret"), "{told}");
        }
        assert!(read(&format!("https://example.com/{}", "x".repeat(MAX_URL)), false).is_err());
    }

    #[test]
    fn what_a_name_led_to_is_checked_too() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        assert!(check(ip("93.184.216.34"), false, false).is_ok());
        assert!(check(ip("127.0.0.1"), true, false).is_ok());
        assert!(check(ip("10.1.1.1"), true, true).is_ok());
        assert_eq!(check(ip("10.1.1.1"), true, false), Err(AddressError::NotLoopback(ip("10.1.1.1"))));
        assert_eq!(
            check(ip("::ffff:169.254.1.1"), false, true),
            Err(AddressError::Forbidden(ip("169.254.1.1")))
        );
    }
}
