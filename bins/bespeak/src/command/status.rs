//! `bespeak status`.

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

pub(crate) async fn run(session: &Session) -> Result<(), Failure> {
    let status = session.get("/v1/status").await?;
    session.show(&status, |status| Ok(render::status(status)))
}
