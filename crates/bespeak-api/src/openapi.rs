//! The head of the API's description.

use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, OpenApiBuilder, SecurityRequirement};

const ABOUT: &str = "The local API of a Bespeak node: everything its owner can do.\n\n\
    It is served on a Unix socket in the node's home (for the same user) and, when asked for, on a loopback \
    port with the token of the file `api-token`. Ids in paths may be shortened to a prefix that fits only one. \
    Errors are `application/problem+json`. A POST with an `Idempotency-Key` is done once: sent again within \
    24 hours, also after the node crashed, it gets the first answer again; the same key with another request is \
    refused with 422.";

/// Title, version, and how one is let in.
pub(crate) fn head() -> OpenApi {
    let token = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
    let info = InfoBuilder::new()
        .title("Bespeak")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    OpenApiBuilder::new()
        .info(info)
        .components(Some(ComponentsBuilder::new().security_scheme("token", token).build()))
        .security(Some([SecurityRequirement::new::<_, [String; 0], String>("token", [])]))
        .build()
}
