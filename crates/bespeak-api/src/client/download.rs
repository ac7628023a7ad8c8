//! An answer that comes in pieces.

use axum::body::Bytes;
use http_body_util::BodyExt;
use hyper::body::Incoming;

use super::{ClientError, broken};

/// Something on its way from the node.
#[derive(Debug)]
pub struct Download {
    body: Incoming,
}

impl Download {
    pub(super) fn new(body: Incoming) -> Self {
        Self { body }
    }

    /// The next piece; `None` once all is there.
    ///
    /// # Errors
    /// When it breaks off: then it is not whole.
    pub async fn next(&mut self) -> Result<Option<Bytes>, ClientError> {
        loop {
            match self.body.frame().await {
                None => return Ok(None),
                Some(frame) => {
                    if let Ok(piece) = frame.map_err(broken)?.into_data() {
                        return Ok(Some(piece));
                    }
                }
            }
        }
    }
}
