#!/usr/bin/env python3
"""Verifies records made by Bespeak with other people's libraries, sharing no code with it.

    verify.py [FOLDER]      every vector of the folder (by itself: the project's frozen vectors)
    verify.py --export DIR  an export of `bespeak export`: the owner's signature, every hash, every record
    verify.py --self-test   makes records of its own, good and broken, and expects each to be judged rightly

A vector is a `*.cose` file holding one record, or a `*.json` file
{"type", "cose_hex", "payload_hex", "id", "signers": [did:key, ...]} (other keys are left alone).

For each: the shape of the envelope and of its headers (COSE_Sign1, tag 18, or COSE_Sign, tag 98, with the customer
first and the vendor second), the deterministic payload, the parties it names, its id (a CID), every signature, and
what the vector says of itself. Signatures are checked with cwt where it knows algorithm -19, and always with
cryptography's Ed25519 over a Sig_structure built with cbor2.

Ends with 0 if all verified, 1 if one did not or there was nothing to verify.
"""

import hashlib
import json
import sys
from pathlib import Path

import cbor2
import cwt
import dag_cbor
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cwt.const import COSE_ALGORITHMS_SIGNATURE
from multiformats import CID, multibase, multihash

VECTORS = Path(__file__).resolve().parent.parent / "vectors"

ALGORITHM, KEY_ID, CONTENT_TYPE = 1, 4, 16  # COSE header labels, RFC 9052 and RFC 9596
ED25519 = -19  # RFC 9864
SIGN1, SIGN = 18, 98  # CBOR tags, RFC 9052
ED25519_PUB = b"\xed\x01"  # multicodec prefix of an Ed25519 public key
PRESENT_IN_PAYLOAD = {SIGN1: ["iss"], SIGN: ["customer", "vendor"]}


class Wrong(Exception):
    """A record that does not verify, and why."""


def expect(holds, why):
    if not holds:
        raise Wrong(why)


def same_bytes(again, given, what):
    expect(again == given, f"{what} is not in its one deterministic form")


def header(encoded, what):
    """A protected header, which must be a map in deterministic form."""
    expect(isinstance(encoded, bytes) and encoded, f"{what} has no protected header")
    decoded = cbor2.loads(encoded)
    expect(isinstance(decoded, dict), f"{what} is not a map")
    same_bytes(cbor2.dumps(decoded, canonical=True), encoded, what)
    return decoded


def signer_of(head, labels, what):
    """The key named in a signer's header, which must hold exactly these labels."""
    expect(set(head) == set(labels), f"{what} holds {sorted(head)}, not {sorted(labels)}")
    expect(head[ALGORITHM] == ED25519, f"{what} names algorithm {head[ALGORITHM]}, not {ED25519}")
    key = head[KEY_ID]
    expect(isinstance(key, bytes) and len(key) == 34 and key[:2] == ED25519_PUB, f"{what}: no Ed25519 key")
    return key


def did(key):
    return "did:key:" + multibase.encode(key, "base58btc")


def check_signature(key, signature, sig_structure, what):
    expect(isinstance(signature, bytes) and len(signature) == 64, f"{what} is not 64 bytes")
    try:
        Ed25519PublicKey.from_public_bytes(key[2:]).verify(signature, cbor2.dumps(sig_structure))
    except InvalidSignature:
        raise Wrong(f"{what} does not hold (cryptography)") from None


def knows_ed25519():
    """Whether the installed cwt knows algorithm -19; older ones know only the deprecated -8."""
    return ED25519 in COSE_ALGORITHMS_SIGNATURE.values()


def check_with_cwt(cose, key, payload):
    """cwt is handed one key at a time: of an agreement it would otherwise be content with one good signature."""
    # A COSE_Key of RFC 9052: kty OKP, kid, alg, crv Ed25519, x.
    cose_key = cwt.COSEKey.new({1: 1, 2: key, 3: ED25519, -1: 6, -2: key[2:]})
    try:
        seen = cwt.COSE.new().decode(cose, [cose_key])
    except Exception as error:  # cwt and what it uses raise many kinds; each means "not verified"
        raise Wrong(f"cwt refuses the signature of {did(key)}: {error}") from None
    expect(seen == payload, "cwt sees another payload")


def open_sign1(body, unprotected, payload, signature):
    head = header(body, "the header")
    key = signer_of(head, [ALGORITHM, KEY_ID, CONTENT_TYPE], "the header")
    expect(unprotected == {}, "the unprotected header is not empty")
    check_signature(key, signature, ["Signature1", body, b"", payload], "the signature")
    return head[CONTENT_TYPE], [key]


def open_sign(body, unprotected, payload, signatures):
    head = header(body, "the body's header")
    expect(set(head) == {CONTENT_TYPE}, f"the body's header holds {sorted(head)}, not only the type")
    expect(unprotected == {}, "the unprotected header is not empty")
    expect(isinstance(signatures, list) and len(signatures) == 2, "an agreement has two signatures")
    keys = []
    for entry, side in zip(signatures, ["customer", "vendor"]):
        expect(isinstance(entry, list) and len(entry) == 3, f"the {side}'s signature is not a list of three")
        key = signer_of(header(entry[0], f"the {side}'s header"), [ALGORITHM, KEY_ID], f"the {side}'s header")
        expect(entry[1] == {}, f"the {side}'s unprotected header is not empty")
        check_signature(key, entry[2], ["Signature", body, entry[0], b"", payload], f"the {side}'s signature")
        keys.append(key)
    expect(keys[0] != keys[1], "both signatures are of one key")
    return head[CONTENT_TYPE], keys


def no_floats(value):
    if isinstance(value, dict):
        for key, inner in value.items():
            expect(isinstance(key, str), "the payload holds a key that is not text")
            no_floats(inner)
    elif isinstance(value, list):
        for inner in value:
            no_floats(inner)
    else:
        expect(not isinstance(value, float), "the payload holds a float")


def check_payload(payload, tag, keys):
    try:
        value = dag_cbor.decode(payload)
    except Exception as error:  # as above: whatever it raises, the payload is not DAG-CBOR
        raise Wrong("the payload is not DAG-CBOR: " + " ".join(str(error).split())) from None
    expect(isinstance(value, dict), "the payload is not a map")
    no_floats(value)
    same_bytes(dag_cbor.encode(value), payload, "the payload (dag-cbor)")
    same_bytes(cbor2.dumps(cbor2.loads(payload), canonical=True), payload, "the payload (cbor2)")
    for name, key in zip(PRESENT_IN_PAYLOAD[tag], keys):
        expect(value.get(name) == key, f"`{name}` of the payload is not the key of the header")
    nonce = value.get("nonce")
    expect(isinstance(nonce, bytes) and len(nonce) == 16, "the payload has no nonce of 16 bytes")
    expect(isinstance(value.get("net"), str), "the payload names no network")


def verify(cose):
    """Verifies one record; returns what it is, or raises Wrong."""
    try:
        record = cbor2.loads(cose)
    except Exception as error:  # cbor2 raises several kinds; each means "not CBOR"
        raise Wrong(f"not CBOR: {error}") from None
    expect(isinstance(record, cbor2.CBORTag) and record.tag in (SIGN1, SIGN), "neither COSE_Sign1 nor COSE_Sign")
    expect(isinstance(record.value, (list, tuple)) and len(record.value) == 4, "the envelope is not a list of four")
    same_bytes(cbor2.dumps(record, canonical=True), cose, "the envelope")
    payload = record.value[2]
    expect(isinstance(payload, bytes), "the payload is not attached")
    open_it = open_sign1 if record.tag == SIGN1 else open_sign
    content_type, keys = open_it(*record.value)
    check_payload(payload, record.tag, keys)
    if knows_ed25519():
        for key in keys:
            check_with_cwt(cose, key, payload)
    start, end = "application/vnd.bespeak.", "+cbor"
    named = isinstance(content_type, str) and content_type.startswith(start) and content_type.endswith(end)
    expect(named, f"the content type is {content_type!r}")
    return {
        "type": content_type[len(start) : -len(end)],
        "payload_hex": payload.hex(),
        "id": str(CID("base32", 1, "dag-cbor", multihash.digest(payload, "sha2-256"))),
        "signers": [did(key) for key in keys],
    }


def verify_file(path):
    """Verifies a vector; returns what it is, or raises Wrong."""
    if path.suffix == ".cose":
        return verify(path.read_bytes())
    try:
        vector = json.loads(path.read_text(encoding="utf-8"))
        cose = bytes.fromhex(vector["cose_hex"])
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong(f"not a vector: {error!r}") from None
    found = verify(cose)
    for key, value in found.items():
        expect(vector.get(key) == value, f"the vector says {key} {vector.get(key)!r}, the record {value!r}")
    return found


def verify_folder(folder):
    """Verifies every vector of a folder; returns how many there were, and why some did not verify."""
    vectors = sorted(path for path in folder.rglob("*") if path.suffix in (".cose", ".json"))
    wrong = {}
    for path in vectors:
        try:
            found = verify_file(path)
            print(f"ok    {path.relative_to(folder)}: {found['type']} {found['id']}")
        except Wrong as why:
            wrong[path.name] = str(why)
            print(f"WRONG {path.relative_to(folder)}: {why}")
    return len(vectors), wrong


def read_export(folder):
    """Every file of an export by its path; links are no part of one."""
    found = {}
    for path in sorted(folder.rglob("*")):
        expect(not path.is_symlink(), f"{path.name} is a link")
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = path.read_bytes()
    return found


def check_manifest(found):
    """The owner's signature over the list of files; returns the list and the owner."""
    for name in ("manifest.json", "manifest.cose"):
        expect(name in found, f"there is no {name}")
    try:
        manifest = json.loads(found["manifest.json"])
        version, entries = manifest["v"], {entry["path"]: entry for entry in manifest["files"]}
        party, network = manifest["party"], manifest["network"]
    except (ValueError, KeyError, TypeError) as error:
        raise Wrong(f"manifest.json cannot be read: {error!r}") from None
    expect(version == 1, f"the export has version {version!r}, not 1")
    signed = verify(found["manifest.cose"])
    payload = dag_cbor.decode(bytes.fromhex(signed["payload_hex"]))
    expect(signed["type"] == "manifest", f"manifest.cose is of type {signed['type']}")
    expect(signed["signers"] == [party], "manifest.cose is signed by another than manifest.json names")
    expect(payload.get("net") == network, "manifest.cose is of another network than manifest.json")
    listed = hashlib.sha256(found["manifest.json"]).digest()
    expect(payload.get("list") == listed, "manifest.json was changed after it was signed")
    expect(len(entries) == len(manifest["files"]), "manifest.json names a file twice")
    return entries, network


def check_export_file(path, entry, content, network):
    """Length and hash; of a record also everything a vector is checked for."""
    digest = hashlib.sha256(content).hexdigest()
    expect(entry.get("bytes") == len(content) and entry.get("sha256") == digest, "it was changed")
    parts = path.split("/")
    if parts[0] == "records":
        record = verify(content)
        expect(parts[1:] == [record["type"], record["id"] + ".cose"], f"it is {record['type']} {record['id']}")
        payload = dag_cbor.decode(bytes.fromhex(record["payload_hex"]))
        expect(payload["net"] == network, f"it is of the network {payload['net']}")


def verify_export(folder):
    """Verifies an export; returns how many files it has, and what is wrong with which."""
    try:
        found = read_export(folder)
        entries, network = check_manifest(found)
    except Wrong as why:
        return 0, {"manifest": str(why)}
    files = {path: content for path, content in found.items() if path not in ("manifest.json", "manifest.cose")}
    wrong = {path: "it is missing" for path in entries.keys() - files.keys()}
    wrong.update({path: "the manifest does not name it" for path in files.keys() - entries.keys()})
    for path in files.keys() & entries.keys():
        try:
            check_export_file(path, entries[path], files[path], network)
        except Wrong as why:
            wrong[path] = str(why)
    return len(entries), wrong


def main_export(folder):
    if not folder.is_dir():
        print(f"{folder} is not a folder: nothing was verified")
        return 1
    count, wrong = verify_export(folder)
    for path, why in sorted(wrong.items()):
        print(f"WRONG {path}: {why}")
    print(f"{folder}: {count} files, {len(wrong)} of them wrong" if count else "nothing was verified")
    return 0 if count and not wrong else 1


def main(arguments):
    how = "cwt and cryptography" if knows_ed25519() else "cryptography alone (the installed cwt does not know -19)"
    print(f"signatures checked with {how}; payloads with dag-cbor and cbor2; ids with multiformats")
    if arguments == ["--self-test"]:
        import self_test

        return self_test.run(verify_folder, verify_export, check_with_cwt if knows_ed25519() else None)
    if len(arguments) == 2 and arguments[0] == "--export":
        return main_export(Path(arguments[1]))
    folder = Path(arguments[0]) if arguments else VECTORS
    if not folder.is_dir():
        print(f"{folder} is not a folder: nothing was verified")
        return 1
    count, wrong = verify_folder(folder)
    print(f"{count - len(wrong)} of {count} vectors verified" if count else "no vectors there: nothing was verified")
    return 0 if count and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
