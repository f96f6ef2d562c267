"""Messages that the next page shows once, kept in a cookie of the browser."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Literal

from fastapi import Request, Response

from suggest.auth.web import gate, session_cookie

Kind = Literal["done", "warning", "error"]
KINDS: tuple[Kind, ...] = ("done", "warning", "error")
LONGEST = 600  # characters; a cookie has room for some 4,000 bytes


@dataclass(frozen=True, slots=True)
class Message:
    """What the page says, and how much it matters."""

    kind: Kind
    text: str


def keep(request: Request, response: Response, message: Message) -> None:
    """Have the next page show the message."""
    raw = json.dumps([message.kind, message.text[:LONGEST]])
    response.set_cookie(
        _cookie(request),
        base64.urlsafe_b64encode(raw.encode()).decode(),
        max_age=60,
        httponly=True,
        secure=gate(request).settings.secure_cookies,
        samesite="lax",
        path="/",
    )


def kept(request: Request) -> Message | None:
    """The message of the page before; None for none, or one that is not of our making."""
    try:
        kind, text = json.loads(base64.urlsafe_b64decode(request.cookies.get(_cookie(request), "")))
    except (ValueError, TypeError):
        return None
    if kind not in KINDS or not isinstance(text, str):
        return None
    return Message(kind, text[:LONGEST])


def forget(request: Request, response: Response) -> None:
    """It was shown."""
    if _cookie(request) in request.cookies:
        secure = gate(request).settings.secure_cookies
        response.delete_cookie(_cookie(request), path="/", httponly=True, secure=secure)


def _cookie(request: Request) -> str:
    return f"{session_cookie(gate(request))}-flash"
