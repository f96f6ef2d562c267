"""Reads files of arrays (.npz), none of them pickled."""

from __future__ import annotations

import zlib
from pathlib import Path
from zipfile import BadZipFile

import numpy as np


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a file by name. OSError if it cannot be opened, ValueError if it is cut off
    or damaged."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (BadZipFile, EOFError, KeyError, zlib.error, AttributeError) as error:
        raise ValueError(f"{path.name} is damaged: {error}") from None
