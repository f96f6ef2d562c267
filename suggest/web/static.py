"""Static files under a path that names their content, so that browsers may keep them for good."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"


class _Kept(StaticFiles):
    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response


class StaticVersion:
    """The folder as it is now. One digest for all: ES modules name each other without one."""

    def __init__(self, folder: Path = FOLDER) -> None:
        digest = hashlib.sha256()
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(os.fsencode(path.relative_to(folder)))
            digest.update(path.read_bytes())
        self.path = f"/static/{digest.hexdigest()[:12]}"
        self.files = _Kept(directory=folder)
