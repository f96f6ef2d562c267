"""The compiled cache file: made once, shared, made again when it is not whole."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from suggest import codesets
from suggest.codesets import CodeSet, CodeSetUnavailable, arrayfile
from suggest.errors import UnknownSystem

COMPILE = (
    "import sys; from pathlib import Path; from suggest import codesets; "
    "print(len(codesets.load('ICD-10-CM', cache=Path(sys.argv[1])).billable))"
)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache folder that two processes have filled at the same time."""
    folder = tmp_path_factory.mktemp("cache")
    both = [
        subprocess.Popen(
            [sys.executable, "-c", COMPILE, str(folder)], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in both] == ["74719", "74719"]
    return folder


@pytest.fixture
def file(compiled: Path, tmp_path: Path) -> Path:
    """A copy of the compiled file, alone in a folder."""
    (source,) = compiled.iterdir()
    copy = tmp_path / source.name
    copy.write_bytes(source.read_bytes())
    return copy


def test_two_processes_compile_at_once_and_leave_one_whole_file(compiled: Path) -> None:
    (only,) = compiled.iterdir()
    assert only.name.startswith("icd10cm-")


def test_a_compiled_file_is_used_as_it_is(file: Path) -> None:
    before = file.stat()
    assert len(codesets.load(cache=file.parent)) == 98_186
    assert file.stat().st_mtime_ns == before.st_mtime_ns


def test_a_damaged_file_is_made_again_byte_for_byte(file: Path) -> None:
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])
    assert codesets.load(cache=file.parent)["I21.4"].billable
    assert file.read_bytes() == content


def _altered(content: bytes, place: int) -> bytes:
    return content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[:0],
        lambda content: b"something else entirely " + content,
        lambda content: content[:40],
        lambda content: content[:-1],
        lambda content: content + b" ",
        lambda content: _altered(content, 60),
        lambda content: _altered(content, len(content) // 2),
        lambda content: _altered(content, len(content) - 1),
    ],
)
def test_damage_is_noticed_wherever_it_is(file: Path, damage: Callable[[bytes], bytes]) -> None:
    fingerprint = file.name.split("-")[1]
    assert arrayfile.read(file, fingerprint).arrays
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(arrayfile.Damaged):
        arrayfile.read(file, fingerprint)


def test_a_file_of_other_sources_is_not_used(file: Path) -> None:
    with pytest.raises(arrayfile.Damaged, match="other sources"):
        arrayfile.read(file, "0" * 16)


def test_the_cache_folder_can_be_chosen(
    file: Path, monkeypatch: pytest.MonkeyPatch, icd10cm: CodeSet
) -> None:
    monkeypatch.setenv("SUGGEST_CACHE_DIR", str(file.parent))
    assert codesets.cache_folder() == file.parent
    assert codesets.load().fingerprint == icd10cm.fingerprint


def test_a_cache_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(CodeSetUnavailable, match="SUGGEST_CACHE_DIR"):
        codesets.load(cache=blocked / "cache")


def test_a_system_that_is_not_installed_is_named() -> None:
    with pytest.raises(UnknownSystem, match=r"'CPT'.*ICD-10-CM"):
        codesets.load("CPT")
