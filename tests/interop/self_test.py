"""Tries the verifier itself: records made here, good ones and each way of breaking them that it must see.

Run by `verify.py --self-test`. Nothing of the project is used; the records are made with cryptography and cbor2.
"""

import hashlib
import json
import tempfile
from pathlib import Path

import cbor2
import dag_cbor
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from multiformats import CID, multibase, multihash

CUSTOMER = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32))
VENDOR = Ed25519PrivateKey.from_private_bytes(bytes([2] * 32))


def key_of(private):
    return b"\xed\x01" + private.public_key().public_bytes_raw()


def payload_of(**fields):
    return {"nonce": bytes(16), "net": "test", **fields}


def head_of(private, kind=None, algorithm=-19):
    head = {1: algorithm, 4: key_of(private)}
    return cbor2.dumps({**head, 16: f"application/vnd.bespeak.{kind}+cbor"} if kind else head, canonical=True)


def sign1(payload, private=CUSTOMER, head=None, unprotected=None, kind="intention"):
    head = head if head is not None else head_of(private, kind)
    signature = private.sign(cbor2.dumps(["Signature1", head, b"", payload]))
    return cbor2.dumps(cbor2.CBORTag(18, [head, unprotected or {}, payload, signature]))


def sign(payload, signers=(CUSTOMER, VENDOR), kind="order"):
    body = cbor2.dumps({16: f"application/vnd.bespeak.{kind}+cbor"})
    entries = []
    for private in signers:
        head = head_of(private)
        entries.append([head, {}, private.sign(cbor2.dumps(["Signature", body, head, b"", payload]))])
    return cbor2.dumps(cbor2.CBORTag(98, [body, {}, payload, entries]))


def spoiled(cose, at=-1):
    changed = bytearray(cose)
    changed[at] ^= 1
    return bytes(changed)


def vector_of(cose, payload, kind, by, **changed):
    dids = ["did:key:" + multibase.encode(key_of(private), "base58btc") for private in by]
    name = str(CID("base32", 1, "dag-cbor", multihash.digest(payload, "sha2-256")))
    whole = {"type": kind, "seed_hex": "", "cose_hex": cose.hex(), "payload_hex": payload.hex(), "id": name, "signers": dids}
    return json.dumps({**whole, **changed}).encode()


def good():
    one = dag_cbor.encode(payload_of(iss=key_of(CUSTOMER), title="a folding bicycle", amount=-150000))
    two = dag_cbor.encode(payload_of(customer=key_of(CUSTOMER), vendor=key_of(VENDOR), total={"amount": 5}))
    return {
        "one.cose": sign1(one),
        "two.cose": sign(two),
        "one.json": vector_of(sign1(one), one, "intention", [CUSTOMER]),
        "two.json": vector_of(sign(two), two, "order", [CUSTOMER, VENDOR]),
    }


def broken():
    """Each broken record with a part of the reason for which it must be refused."""
    fields = payload_of(iss=key_of(CUSTOMER), title="a folding bicycle")
    payload = dag_cbor.encode(fields)
    pair = dag_cbor.encode(payload_of(customer=key_of(CUSTOMER), vendor=key_of(VENDOR)))
    unsorted_head = cbor2.dumps({16: "application/vnd.bespeak.intention+cbor", 4: key_of(CUSTOMER), 1: -19})
    other_type = cbor2.dumps({1: -19, 4: key_of(CUSTOMER), 16: "text/plain"})
    customer_end = sign(pair).index(head_of(VENDOR)) - 4

    def told(**changed):
        return vector_of(sign1(payload), payload, "intention", [CUSTOMER], **changed)

    return {
        "signature.cose": ("the signature does not hold", spoiled(sign1(payload))),
        "customer-signature.cose": ("the customer's signature does not hold", spoiled(sign(pair), customer_end)),
        "vendor-signature.cose": ("the vendor's signature does not hold", spoiled(sign(pair))),
        "other-key.cose": ("the signature does not hold", sign1(payload, VENDOR, head_of(CUSTOMER, "intention"))),
        "other-issuer.cose": ("`iss` of the payload", sign1(payload, VENDOR)),
        "old-algorithm.cose": ("algorithm -8", sign1(payload, head=head_of(CUSTOMER, "intention", -8))),
        "no-type.cose": ("the header holds", sign1(payload, head=head_of(CUSTOMER))),
        "other-type.cose": ("the content type", sign1(payload, head=other_type)),
        "unsorted-header.cose": ("the header is not in its", sign1(payload, head=unsorted_head)),
        "unprotected.cose": ("the unprotected header", sign1(payload, unprotected={4: b"x"})),
        "untagged.cose": ("neither COSE_Sign1 nor", cbor2.dumps(cbor2.loads(sign1(payload)).value)),
        "bytes-after.cose": ("the envelope is not in its", sign1(payload) + b"\x00"),
        "cut.cose": ("not CBOR", sign1(payload)[:-1]),
        "empty.cose": ("not CBOR", b""),
        "float.cose": ("a float", sign1(dag_cbor.encode({**fields, "weight": 25.5}))),
        "unsorted.cose": ("not in canonical order", sign1(cbor2.dumps({"title": "x", **fields}))),
        "long-length.cose": ("would have been enough", sign1(payload.replace(b"\x64test", b"\x78\x04test"))),
        "short-nonce.cose": ("no nonce", sign1(dag_cbor.encode({**fields, "nonce": bytes(15)}))),
        "no-network.cose": ("no network", sign1(dag_cbor.encode({"iss": key_of(CUSTOMER), "nonce": bytes(16)}))),
        "one-signer.cose": ("two signatures", sign(pair, [CUSTOMER])),
        "twice-one-signer.cose": ("of one key", sign(pair, [CUSTOMER, CUSTOMER])),
        "vendor-first.cose": ("`customer` of the payload", sign(pair, [VENDOR, CUSTOMER])),
        "wrong-id.json": ("the vector says id", told(id="bafyreia")),
        "wrong-type.json": ("the vector says type", told(type="offer")),
        "wrong-signer.json": ("the vector says signers", told(signers=[])),
        "wrong-payload.json": ("the vector says payload_hex", told(payload_hex="")),
        "no-record.json": ("not a vector", b'{"type": "intention"}'),
        "not-json.json": ("not a vector", b"{"),
    }


def judge(verify_folder, files):
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        count, wrong = verify_folder(Path(folder))
    return wrong if count == len(files) else {**wrong, "a file": "was passed over"}


def export_of(contents, manifest=None, signer=CUSTOMER, **changed):
    """An export with these files; what is signed, and by whom, can be another."""
    entries = [
        {"path": path, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for path, content in sorted(contents.items())
    ]
    party = "did:key:" + multibase.encode(key_of(CUSTOMER), "base58btc")
    listed = {"v": 1, "party": party, "network": "test", "role": "customer", "files": entries, **changed}
    text = json.dumps(listed).encode()
    payload = payload_of(iss=key_of(signer), at=1, list=hashlib.sha256(manifest or text).digest())
    signed = sign1(dag_cbor.encode(payload), signer, kind="manifest")
    return {**contents, "manifest.json": text, "manifest.cose": signed}


def exports():
    """Exports with a part of the reason for which each must be refused; none for the good one."""
    payload = dag_cbor.encode(payload_of(iss=key_of(CUSTOMER), title="a folding bicycle"))
    elsewhere = dag_cbor.encode({**payload_of(iss=key_of(CUSTOMER)), "net": "other"})
    name, other = (str(CID("base32", 1, "dag-cbor", multihash.digest(p, "sha2-256"))) for p in (payload, elsewhere))
    record = f"records/intention/{name}.cose"
    files = {"README.md": b"hello", "data/data-1/content": b"\x00\x01", record: sign1(payload)}
    good = export_of(files)

    def without(path):
        return {at: content for at, content in good.items() if at != path}

    return [
        ("", good),
        ("it was changed", {**good, "README.md": b"hallo"}),
        ("it was changed", {**good, record: spoiled(good[record])}),
        ("it is missing", without("data/data-1/content")),
        ("does not name it", {**good, "data/data-2/content": b"more"}),
        ("there is no manifest.json", without("manifest.json")),
        ("there is no manifest.cose", without("manifest.cose")),
        ("signature does not hold", {**good, "manifest.cose": spoiled(good["manifest.cose"])}),
        ("changed after it was signed", export_of(files, manifest=b"{}")),
        ("signed by another", export_of(files, signer=VENDOR)),
        ("of another network", export_of(files, network="other")),
        ("version 2", export_of(files, v=2)),
        ("cannot be read", {**good, "manifest.json": b"{"}),
        ("names a file twice", export_of(files, files=[{"path": "a"}, {"path": "a"}])),
        ("of type intention", {**good, "manifest.cose": sign1(payload)}),
        ("signature does not hold", export_of({**files, record: spoiled(sign1(payload))})),
        ("it is intention", export_of({"records/offer/x.cose": sign1(payload)})),
        ("of the network other", export_of({f"records/intention/{other}.cose": sign1(elsewhere)})),
    ]


def misjudged_exports(verify_export):
    for reason, files in exports():
        with tempfile.TemporaryDirectory() as folder:
            for path, content in files.items():
                place = Path(folder) / path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(content)
            count, wrong = verify_export(Path(folder))
        said = "; ".join(wrong.values())
        if (reason not in said) if reason else (wrong or not count):
            yield f"an export ({reason or 'good'}) gave {said or 'no fault'}"


def cwt_is_asked(check_with_cwt):
    """Whether cwt itself refuses what cryptography would refuse before it."""
    payload = dag_cbor.encode(payload_of(iss=key_of(CUSTOMER)))
    try:
        check_with_cwt(spoiled(sign1(payload)), key_of(CUSTOMER), payload)
    except Exception as why:
        return "cwt refuses the signature" in str(why)
    return False


def run(verify_folder, verify_export, check_with_cwt):
    faults = [f"good, but refused: {name}" for name in judge(verify_folder, good())]
    expected = broken()
    found = judge(verify_folder, {name: content for name, (_, content) in expected.items()})
    for name, (reason, _) in expected.items():
        if reason not in found.get(name, ""):
            faults.append(f"broken ({reason}): {name} gave {found.get(name, 'no fault')}")
    faults.extend(misjudged_exports(verify_export))
    if check_with_cwt and not cwt_is_asked(check_with_cwt):
        faults.append("cwt passes a broken signature")
    print("\n".join(faults) or "the verifier judges its own examples rightly")
    return 1 if faults else 0
