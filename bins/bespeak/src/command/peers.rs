//! `bespeak peers`.

use crate::failure::Failure;
use crate::render;
use crate::session::Session;

pub(crate) async fn run(session: &Session) -> Result<(), Failure> {
    let peers = session.get("/v1/peers").await?;
    session.show(&peers, |peers| Ok(render::peers(peers)))
}
