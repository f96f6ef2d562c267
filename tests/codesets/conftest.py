"""One ICD-10-CM code set for all tests of this folder: it is read-only."""

from __future__ import annotations

import pytest

from suggest import codesets
from suggest.codesets import CodeSet


@pytest.fixture(scope="session")
def icd10cm() -> CodeSet:
    return codesets.load("ICD-10-CM")
