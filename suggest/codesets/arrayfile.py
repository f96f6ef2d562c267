"""A file of named arrays that is mapped into memory, not read.

Layout: the magic, the header's length and CRC-32, a JSON header (fingerprint, meta, and name ->
dtype, shape, offset, data's CRC-32 and length), then the arrays, each on a 64-byte boundary.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import secrets
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import orjson

Array = npt.NDArray[Any]

_MAGIC = b"SUGARR01"
_PREFIX = struct.Struct("<8sII")
_ALIGN = 64
_CHUNK = 1 << 20


class Damaged(Exception):
    """The file is not whole, or not what it is said to be; it must be made again."""


class ArrayFile(NamedTuple):
    meta: dict[str, Any]
    arrays: dict[str, Array]


def write(path: Path, fingerprint: str, meta: Mapping[str, Any], arrays: dict[str, Array]) -> None:
    """Write under a name of its own, then rename: readers see the old file or the new one.

    Raises OSError where the folder cannot be written.
    """
    directory: dict[str, list[Any]] = {}
    chunks: list[bytes] = []
    at = crc = 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        data += b"\0" * (-len(data) % _ALIGN)
        directory[name] = [array.dtype.str, list(array.shape), at]
        chunks.append(data)
        crc = zlib.crc32(data, crc)
        at += len(data)
    header = orjson.dumps(
        {"fingerprint": fingerprint, "meta": meta, "arrays": directory, "crc": crc, "length": at}
    )
    header += b" " * (-(_PREFIX.size + len(header)) % _ALIGN)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(_PREFIX.pack(_MAGIC, len(header), zlib.crc32(header)))
            file.write(header)
            file.writelines(chunks)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()


def read(path: Path, fingerprint: str) -> ArrayFile:
    """The arrays, as read-only views of the mapped file.

    Raises Damaged for a cut, altered or foreign file, FileNotFoundError where there is none.
    """
    with path.open("rb") as file:
        prefix = file.read(_PREFIX.size)
        if len(prefix) != _PREFIX.size:
            raise Damaged(f"{path.name} is cut short")
        magic, size, header_crc = _PREFIX.unpack(prefix)
        header = file.read(size) if magic == _MAGIC else b""
        if len(header) != size or zlib.crc32(header) != header_crc:
            raise Damaged(f"{path.name} has no readable header")
        content = orjson.loads(header)
        if content["fingerprint"] != fingerprint:
            raise Damaged(f"{path.name} was compiled from other sources")
        # Read by chunks, not through the map: checked pages would count as the process's memory.
        crc = length = 0
        while chunk := file.read(_CHUNK):
            crc = zlib.crc32(chunk, crc)
            length += len(chunk)
        if (crc, length) != (content["crc"], content["length"]):
            raise Damaged(f"{path.name} is cut short or altered")
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    start = _PREFIX.size + size
    arrays = {
        name: np.frombuffer(
            mapped, dtype=np.dtype(kind), count=int(np.prod(shape)), offset=start + at
        ).reshape(shape)
        for name, (kind, shape, at) in content["arrays"].items()
    }
    return ArrayFile(content["meta"], arrays)


class Strings:
    """Texts in one UTF-8 blob, each ended by a line feed, decoded when asked for."""

    __slots__ = ("_at", "_blob")

    def __init__(self, arrays: Mapping[str, Array], name: str) -> None:
        self._blob = memoryview(arrays[name].data)
        self._at = arrays[f"{name}_at"]

    def __len__(self) -> int:
        return len(self._at) - 1

    def __getitem__(self, index: int) -> str:
        return str(self._blob[self._at[index] : self._at[index + 1] - 1], "utf-8")

    def all(self) -> list[str]:
        """Every text, decoded at once; they must hold no line feed."""
        return str(self._blob, "utf-8").split("\n")[:-1]

    @staticmethod
    def pack(name: str, texts: list[str]) -> dict[str, Array]:
        """The arrays from which Strings reads: the blob, and the offsets (one more than texts)."""
        encoded = [text.encode() + b"\n" for text in texts]
        at = np.zeros(len(texts) + 1, dtype=np.uint32)
        np.cumsum([len(data) for data in encoded], out=at[1:])
        return {name: np.frombuffer(b"".join(encoded), dtype=np.uint8), f"{name}_at": at}
