"""JSON in one form only, so that equal values have equal bytes (RFC 8785, JCS).

orjson is not used: it writes `1.0` where the RFC writes `1`, and sorts keys by code point where the
RFC sorts by UTF-16 unit.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from json.encoder import encode_basestring
from typing import Final

from suggest.audit.errors import NotCanonical

# RFC 8785 3.2.2.3 and RFC 7493 2.2: larger integers are not the same number for every reader.
LARGEST: Final = 2**53 - 1
DEEPEST: Final = 32


def canonical(value: object) -> str:
    """The value's canonical JSON text. NotCanonical for what JSON, or the RFC, cannot carry."""
    text = _written(value, 0)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotCanonical("a text holds a lone surrogate") from error
    return text


def _written(value: object, depth: int) -> str:
    if depth > DEEPEST:
        raise NotCanonical(f"nested deeper than {DEEPEST} levels")
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return encode_basestring(value)
        case int():
            if abs(value) > LARGEST:
                raise NotCanonical("an integer beyond 2^53 - 1: pass it as text")
            return str(int(value))
        case float():
            return _number(value)
        case Mapping():
            return _object(value, depth)
        case Sequence() if not isinstance(value, bytes | bytearray | memoryview):
            return "[" + ",".join(_written(item, depth + 1) for item in value) + "]"
        case _:
            raise NotCanonical(f"{type(value).__name__} has no JSON form")


def _object(value: Mapping[object, object], depth: int) -> str:
    keys: list[str] = []
    for key in value:
        if not isinstance(key, str):
            raise NotCanonical(f"a key is {type(key).__name__}, not text")
        keys.append(key)
    # Big-endian UTF-16 bytes sort as the UTF-16 units do (RFC 8785 3.2.3).
    keys.sort(key=lambda key: key.encode("utf-16-be", "surrogatepass"))
    members = (encode_basestring(key) + ":" + _written(value[key], depth + 1) for key in keys)
    return "{" + ",".join(members) + "}"


def _number(value: float) -> str:
    """As ECMAScript's Number::toString writes it (RFC 8785 3.2.2.3)."""
    if not math.isfinite(value):
        raise NotCanonical("a number that is not finite")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    # repr gives the shortest digits that read back as the same double; only the layout differs.
    mantissa, _, power = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole) + int(power or 0) - (len(whole + fraction) - len(digits))
    digits = digits.rstrip("0")
    count = len(digits)
    if count <= point <= 21:
        return sign + digits + "0" * (point - count)
    if 0 < point <= 21:
        return sign + digits[:point] + "." + digits[point:]
    if -6 < point <= 0:
        return sign + "0." + "0" * -point + digits
    exponent = point - 1
    tail = f"e{'+' if exponent > 0 else '-'}{abs(exponent)}"
    return sign + digits[0] + ("." + digits[1:] if count > 1 else "") + tail
