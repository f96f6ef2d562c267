"""The wheel holds what a server needs: every data file and the shipped model."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built from a copy and unpacked as an install would lay it."""
    folder = tmp_path_factory.mktemp("wheel")
    tracked = _tracked(".")
    for name in tracked:
        target = folder / "source" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--quiet",
         "--disable-pip-version-check", "--wheel-dir", str(folder), str(folder / "source")],
        check=True,
    )  # fmt: skip
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def _tracked(below: str) -> list[str]:
    """The files of the tree that belong to the project, those not yet committed too."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", below],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_every_file_of_the_package_is_in_the_wheel(unpacked: Path) -> None:
    missing = [name for name in _tracked("suggest") if not (unpacked / name).is_file()]
    assert missing == []


def test_the_wheel_suggests_with_its_own_model(unpacked: Path, tmp_path: Path) -> None:
    program = (
        "import suggest, suggest.engine.pipeline as p\n"
        "print(p.default_folder())\n"
        "print(suggest.Suggester.load().suggest('ASSESSMENT: Type 2 diabetes.')[0].code)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    folder, code = done.stdout.split()
    assert Path(folder) == unpacked / "suggest" / "models" / "default"
    assert code == "E11.9"
