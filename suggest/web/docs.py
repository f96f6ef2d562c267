"""The API's documentation: Swagger UI over /openapi.json, from this server alone.

The package fastapi-offline brings the files of Swagger UI; FastAPI's own page would load them from
a content delivery network, which a hospital's network blocks. See
docs/decisions/0006-swagger-ui-from-a-package.md.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from suggest.web.shell import shell

router = APIRouter()
SWAGGER: Final = Path(str(files("fastapi_offline"))) / "static"


@router.get("/docs")
def show(request: Request) -> Response:
    """The page; it needs no sign-in, as the document does not."""
    app = request.app
    context = {
        "title": app.title,
        "openapi": app.openapi_url,
        "swagger": lambda name: app.url_path_for("swagger", path=name),
    }
    return shell(request).respond("docs/show.html", context)
