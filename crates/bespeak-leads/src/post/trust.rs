//! Whose certificates are trusted.

use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};

/// Whose certificates are trusted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Those this machine trusts: what its administrator adds to them counts too.
    #[default]
    Machine,
    /// Only those in this PEM text.
    Only(String),
}

/// Why nobody can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TrustError {
    /// There are no certificates.
    #[error("no trusted certificates were found: {0}")]
    None(String),
    /// The library cannot be set up so.
    #[error("TLS cannot be set up: {0}")]
    Setup(String),
}

/// What a connection needs. The provider is named: another part of a program may have brought a second one.
pub(super) fn config(trust: &Trust) -> Result<ClientConfig, TrustError> {
    let mut config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| TrustError::Setup(error.to_string()))?
        .with_root_certificates(roots(trust)?)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

fn roots(trust: &Trust) -> Result<RootCertStore, TrustError> {
    let (found, mut why) = match trust {
        Trust::Machine => {
            let found = rustls_native_certs::load_native_certs();
            (found.certs, found.errors.iter().map(ToString::to_string).collect::<Vec<_>>())
        }
        Trust::Only(pem) => {
            let (good, bad): (Vec<_>, Vec<_>) =
                CertificateDer::pem_slice_iter(pem.as_bytes()).partition(Result::is_ok);
            let bad = bad.into_iter().filter_map(|one| Some(one.err()?.to_string()));
            (good.into_iter().flatten().collect(), bad.collect())
        }
    };
    let mut roots = RootCertStore::empty();
    // One that cannot be read is no reason to trust none of the others.
    let (added, ignored) = roots.add_parsable_certificates(found);
    if added == 0 {
        why.push(format!("{ignored} cannot be read"));
        return Err(TrustError::None(why.join("; ")));
    }
    Ok(roots)
}
