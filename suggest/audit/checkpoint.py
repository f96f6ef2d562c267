"""Signed statements of where the log stood (Ed25519, RFC 8032).

A chain proves what lies between two of its events, not that it goes on: whoever can cut its tail,
or write all of it anew, leaves a chain that fits. A checkpoint kept where that person cannot reach
(another machine, paper, the auditor's disk) shows both.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from suggest.audit.canonical import canonical
from suggest.audit.chain import Head, time_text
from suggest.audit.errors import InvalidCheckpoint, KeyFileError

FORMAT: Final = "suggest-audit-checkpoint/1"
_SHAPES: Final = {"hash": r"[0-9a-f]{64}", "key_id": r"[0-9a-f]{16}", "signature": r"[0-9a-f]{128}"}


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log had `count` events at `time`, the last with number `seq` and this `hash`."""

    seq: int
    hash: str
    count: int
    time: str
    key_id: str
    signature: str

    def statement(self) -> bytes:
        """The bytes that are signed."""
        return _statement(Head(self.seq, self.hash), self.count, self.time, self.key_id)

    def to_json(self) -> str:
        """The checkpoint as a file to keep elsewhere."""
        return canonical({"format": FORMAT, **asdict(self)}) + "\n"


@dataclass(frozen=True, slots=True)
class VerifyKey:
    """A public key whose checkpoints are believed."""

    id: str
    public: Ed25519PublicKey

    def signed(self, checkpoint: Checkpoint) -> bool:
        """True where this key made the checkpoint and nothing of it changed."""
        if checkpoint.key_id != self.id:
            return False
        try:
            self.public.verify(bytes.fromhex(checkpoint.signature), checkpoint.statement())
        except (InvalidSignature, ValueError):
            return False
        return True

    def pem(self) -> bytes:
        """The public key as a file to hand to an auditor."""
        return self.public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key that signs checkpoints; it never leaves its file."""

    private: Ed25519PrivateKey

    @property
    def verify_key(self) -> VerifyKey:
        public = self.private.public_key()
        return VerifyKey(key_id(public), public)

    def sign(self, head: Head, count: int, time: datetime) -> Checkpoint:
        """A checkpoint at this head."""
        name, when = self.verify_key.id, time_text(time)
        signature = self.private.sign(_statement(head, count, when, name))
        return Checkpoint(head.seq, head.hash, count, when, name, signature.hex())


def key_id(public: Ed25519PublicKey) -> str:
    """The first 16 hex digits of the SHA-256 of the raw public key."""
    return sha256(public.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def signing_key(path: Path) -> SigningKey:
    """The key in the file, made on first use; readable by its owner only.

    KeyFileError when the file holds another kind of key or others may read it.
    """
    if path.exists():
        return _read_signing_key(path)
    private = Ed25519PrivateKey.generate()
    content = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            # A link appears whole or not at all and replaces nothing: of two processes that start
            # together, one makes the key and the other reads it.
            os.link(draft, path)
        finally:
            os.unlink(draft)
    except FileExistsError:
        return _read_signing_key(path)
    except OSError as error:
        raise KeyFileError(f"{path} cannot be made: {error.strerror}") from error
    return SigningKey(private)


def _read_signing_key(path: Path) -> SigningKey:
    try:
        mode = path.stat().st_mode & 0o777
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    if mode & 0o077:
        raise KeyFileError(f"{path} may be read by others (mode {mode:o}): chmod 600 it")
    try:
        private = load_pem_private_key(content, password=None)
    except (ValueError, TypeError) as error:
        raise KeyFileError(f"{path} holds no unencrypted PEM private key") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise KeyFileError(f"{path} holds another kind of key than Ed25519")
    return SigningKey(private)


def verify_key(path: Path) -> VerifyKey:
    """The public key of a PEM file (a public key's, or the signing key's own)."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise KeyFileError(f"{path} cannot be read: {error.strerror}") from error
    if b"PRIVATE KEY" in content:
        return _read_signing_key(path).verify_key
    try:
        public = load_pem_public_key(content)
    except ValueError as error:
        raise KeyFileError(f"{path} holds no PEM public key") from error
    if not isinstance(public, Ed25519PublicKey):
        raise KeyFileError(f"{path} holds another kind of key than Ed25519")
    return VerifyKey(key_id(public), public)


def parse_checkpoint(content: str | bytes) -> Checkpoint:
    """The checkpoint of a file's content. InvalidCheckpoint says which field is wrong."""
    try:
        fields: Any = json.loads(content)
    except ValueError as error:
        raise InvalidCheckpoint("the checkpoint is not JSON") from error
    if not isinstance(fields, dict) or fields.pop("format", None) != FORMAT:
        raise InvalidCheckpoint(f"the checkpoint's format is not {FORMAT}")
    expected = Checkpoint.__dataclass_fields__
    if set(fields) != set(expected):
        raise InvalidCheckpoint(f"a checkpoint has exactly the fields {', '.join(expected)}")
    for name in ("seq", "count"):
        if type(fields[name]) is not int or fields[name] < 0:
            raise InvalidCheckpoint(f"{name} is no whole number")
    for name in ("hash", "time", "key_id", "signature"):
        shape = _SHAPES.get(name, r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
        if not isinstance(fields[name], str) or not re.fullmatch(shape, fields[name]):
            raise InvalidCheckpoint(f"{name} has not the form of a checkpoint's {name}")
    return Checkpoint(**fields)


def _statement(head: Head, count: int, time: str, key: str) -> bytes:
    fields = {
        "format": FORMAT,
        "seq": head.seq,
        "hash": head.hash,
        "count": count,
        "time": time,
        "key_id": key,
    }
    return canonical(fields).encode()
