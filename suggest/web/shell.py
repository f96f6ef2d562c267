"""What is around every page: templates, navigation, security headers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from suggest.auth.principal import Principal
from suggest.web import words

TEMPLATES: Final = Path(__file__).parent / "templates"
# No inline script or style anywhere; nothing from elsewhere; no page of ours in another's frame.
SECURITY_HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


@dataclass(frozen=True, slots=True)
class Link:
    """An entry of the navigation, seen by those whom the table of permissions lets do `action`."""

    label: str
    href: str
    action: str


@dataclass(frozen=True, slots=True)
class Resource:
    """A router of pages with its entries in the navigation."""

    router: APIRouter
    links: tuple[Link, ...] = ()


class Shell:
    """The templates and the navigation of one application."""

    def __init__(self, links: tuple[Link, ...], static_path: str) -> None:
        self.links = links
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters.update(words.FILTERS)
        self._environment.globals["static"] = lambda name: f"{static_path}/{name}"

    def nav(self, user: Principal) -> list[Link]:
        """The entries that the user may open."""
        return [link for link in self.links if user.allows(link.action)]

    def text(self, template: str, context: Mapping[str, Any]) -> str:
        """The template filled in."""
        return self._environment.get_template(template).render(context)

    def respond(self, template: str, context: Mapping[str, Any], status: int = 200) -> HTMLResponse:
        """The template as an answer."""
        return HTMLResponse(self.text(template, context), status, dict(SECURITY_HEADERS))


def shell(request: Request) -> Shell:
    """The application's shell."""
    found: Shell = request.app.state.shell
    return found
