"""What is hashed, and how one event hangs on the one before.

    hash = SHA-256( prev_hash as 64 hex digits + canonical JSON of
                    {actor, detail, encounter_id, event, seq, time} )

The first event's prev_hash is 64 zeros; `seq` starts at 1 and goes up by one.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from json.encoder import encode_basestring
from typing import Final

ZERO_HASH: Final = "0" * 64
TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


@dataclass(frozen=True, slots=True)
class Head:
    """The last event's number and hash; `Head(0, ZERO_HASH)` for an empty log."""

    seq: int
    hash: str


EMPTY: Final = Head(0, ZERO_HASH)


def time_text(time: datetime) -> str:
    """UTC to the microsecond, always 27 characters, so that text order is time order."""
    if time.tzinfo is None:
        raise ValueError("an event's time needs a zone")
    return time.astimezone(UTC).strftime(TIME_FORMAT)


def time_of(text: str) -> datetime:
    """The time back from its text."""
    return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)


def record_bytes(
    seq: int, time: str, actor: str, event: str, encounter_id: str | None, detail: str
) -> bytes:
    """The canonical JSON that is hashed; `detail` is canonical JSON text already.

    `detail` is put in as it stands, so that verifying parses nothing. No other values of the
    columns give the same bytes: what follows `detail` reads back from the right without doubt,
    because a JSON string holds no bare quote, and what precedes it from the left.
    """
    place = "null" if encounter_id is None else encode_basestring(encounter_id)
    return (
        f'{{"actor":{encode_basestring(actor)},"detail":{detail},"encounter_id":{place},'
        f'"event":{encode_basestring(event)},"seq":{seq},"time":{encode_basestring(time)}}}'
    ).encode()


def chained_hash(prev_hash: str, record: bytes) -> str:
    """The event's hash, 64 lower-case hex digits."""
    return hashlib.sha256(prev_hash.encode() + record).hexdigest()
