"""Builds the wheel: the shipped model goes in beside the code (everything else: pyproject.toml)."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py


class BuildWithModel(build_py):
    """Copies models/default into the package that is built; an editable install reads the clone."""

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            target = Path(self.build_lib) / "suggest" / "models" / "default"
            shutil.copytree("models/default", target, dirs_exist_ok=True)


setup(cmdclass={"build_py": BuildWithModel})
