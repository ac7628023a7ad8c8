//! gossipsub's own words (libp2p's `pubsub` specification), written by hand: also those that no library would say.

/// A field of a protobuf message that holds bytes.
fn field(number: u64, content: &[u8]) -> Vec<u8> {
    [varint(number << 3 | 2), varint(content.len() as u64), content.to_vec()].concat()
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A frame: what a stream of gossip is made of.
pub(crate) fn frame(parts: &[Vec<u8>]) -> Vec<u8> {
    let body = parts.concat();
    [varint(body.len() as u64), body].concat()
}

/// Says that one follows a topic.
pub(crate) fn subscribe(topic: &str) -> Vec<u8> {
    field(1, &[varint(1 << 3), varint(1), field(2, topic.as_bytes())].concat())
}

/// A message without author, number or signature.
pub(crate) fn publish(topic: &str, data: &[u8]) -> Vec<u8> {
    field(2, &[field(2, data), field(4, topic.as_bytes())].concat())
}

/// A message that says who wrote it, as the how-manieth, or bears a signature.
pub(crate) fn publish_with(
    topic: &str,
    data: &[u8],
    author: Option<&[u8]>,
    number: Option<&[u8]>,
    sign: bool,
) -> Vec<u8> {
    let parts = [
        author.map(|author| field(1, author)),
        Some(field(2, data)),
        number.map(|number| field(3, number)),
        Some(field(4, topic.as_bytes())),
        sign.then(|| field(5, &[7; 64])),
    ];
    field(2, &parts.into_iter().flatten().collect::<Vec<_>>().concat())
}

fn control(parts: &[Vec<u8>]) -> Vec<u8> {
    field(3, &parts.concat())
}

/// Says that one has messages by these ids.
pub(crate) fn ihave(topic: &str, ids: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let ids: Vec<u8> = ids.flat_map(|id| field(2, &id)).collect();
    control(&[field(1, &[field(1, topic.as_bytes()), ids].concat())])
}

/// Wants messages by these ids.
pub(crate) fn iwant(ids: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let ids: Vec<u8> = ids.flat_map(|id| field(1, &id)).collect();
    control(&[field(2, &ids)])
}

/// Wants to be in the meshes of topics.
pub(crate) fn graft(topics: impl Iterator<Item = String>) -> Vec<u8> {
    control(&topics.map(|topic| field(3, &field(1, topic.as_bytes()))).collect::<Vec<_>>())
}

/// Leaves the mesh of a topic and asks for no graft in a very long time.
pub(crate) fn prune(topic: &str) -> Vec<u8> {
    control(&[field(4, &[field(1, topic.as_bytes()), varint(3 << 3), varint(u64::MAX)].concat())])
}

/// Does not want messages by these ids.
pub(crate) fn idontwant(ids: impl Iterator<Item = Vec<u8>>) -> Vec<u8> {
    let ids: Vec<u8> = ids.flat_map(|id| field(1, &id)).collect();
    control(&[field(5, &ids)])
}
