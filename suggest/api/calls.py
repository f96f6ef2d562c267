"""What the routes of the API share: who calls, in which transaction, which version they saw."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

import orjson
from fastapi import Depends, Header, Path, Request, Response
from fastapi.security import APIKeyCookie, HTTPBearer
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    StringConstraints,
)
from sqlalchemy.orm import Session

from suggest.api.problems import PROBLEMS
from suggest.auth.principal import Principal
from suggest.auth.web import require
from suggest.errors import SuggestError
from suggest.review.actor import Actor, Work
from suggest.service import Service, service

LARGEST_ID: Final = 2**63 - 1
_EARLIEST, _LATEST = date(1850, 1, 1), date(2199, 12, 31)
_ETAG = re.compile(r'"([0-9]{1,18})"')
_CONTENT_ETAG = re.compile(r'"([0-9a-f]{32})"')

# For the OpenAPI alone: `require` reads both itself.
SIGNED_IN: Final = [
    Depends(HTTPBearer(auto_error=False, scheme_name="token", description="an API token")),
    Depends(
        APIKeyCookie(
            name="suggest",
            auto_error=False,
            scheme_name="session",
            description="a session of the pages; changes also need the header X-CSRF-Token",
        )
    ),
]
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {**PROBLEMS[404], "description": HTTPStatus(status).phrase}
    for status in (400, 401, 403, 404, 409, 412, 413, 422, 423, 428, 503)
}


class PreconditionRequired(SuggestError):
    """A change came without the version that it changes."""

    slug = "precondition-required"
    title = "If-Match is missing"
    status = 428


class PreconditionFailed(SuggestError):
    """What is about to be changed is not what the caller saw."""

    slug = "precondition-failed"
    title = "Changed meanwhile"
    status = 412


class In(BaseModel):
    """Base of the bodies that are taken: an unknown field is an error, not a surprise."""

    model_config = ConfigDict(extra="forbid")


def _sane_day(value: date) -> date:
    if not _EARLIEST <= value <= _LATEST:
        raise ValueError(f"use a date from {_EARLIEST} to {_LATEST}")
    return value


def _sane_moment(value: datetime) -> datetime:
    if not _EARLIEST.year < value.year < _LATEST.year:
        raise ValueError(f"use a time between {_EARLIEST.year} and {_LATEST.year}")
    return value.astimezone(UTC)


# No NUL and no control characters but tab and line ends: neither a database nor a page takes them.
_PRINTABLE = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Id = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x20\x7f]{1,64}$")]
Line = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00-\x1f\x7f]*$")]
Words = Annotated[str, StringConstraints(max_length=4000, pattern=_PRINTABLE)]
Day = Annotated[date, AfterValidator(_sane_day)]
Moment = Annotated[AwareDatetime, AfterValidator(_sane_moment)]
EncounterId = Annotated[
    str, Path(min_length=1, max_length=26, examples=["01kaxv3hfcm8q2w7r5t9y1zbne"])
]
RowId = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@dataclass(frozen=True, slots=True)
class Call:
    """One request: who makes it and when, and what the application holds."""

    user: Principal
    service: Service
    now: datetime

    @property
    def actor(self) -> Actor:
        return self.user.actor

    @contextmanager
    def work(self) -> Iterator[Work]:
        """One transaction of review work in the caller's name."""
        with self.service.database.write() as session:
            yield Work(session, self.actor, self.service.audit, self.now)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One snapshot, nothing written."""
        with self.service.database.read() as session:
            yield session


def may(action: str) -> Any:
    """A dependency: the call, if the caller may do the action (`permissions.tsv`)."""
    permitted = require(action)

    async def call(request: Request, user: Principal = Depends(permitted)) -> Call:
        held = service(request)
        return Call(user, held, held.clock())

    call.action = action  # type: ignore[attr-defined]  # the test of the permissions reads it
    return Depends(call)


def if_match(
    if_match: Annotated[
        str | None,
        Header(description="the ETag of the version that the change is made to", examples=['"7"']),
    ] = None,
) -> int:
    """A dependency: the encounter's version in If-Match (RFC 9110, 13.1.1).

    PreconditionRequired without one (or with `*`, which would overwrite anything), and
    PreconditionFailed for what never was an ETag of an encounter.
    """
    given = _given(if_match)
    found = _ETAG.fullmatch(given)
    if found is None:
        raise PreconditionFailed('If-Match is no ETag of an encounter: it looks like "7"')
    return int(found[1])


def content_match(
    if_match: Annotated[
        str | None, Header(description="the ETag of the content that the change is made to")
    ] = None,
) -> str:
    """A dependency: the If-Match of what has no version of its own; see `same_content`."""
    given = _given(if_match)
    found = _CONTENT_ETAG.fullmatch(given)
    if found is None:
        raise PreconditionFailed("If-Match is no ETag of this content: load it again")
    return found[1]


def _given(header: str | None) -> str:
    given = (header or "").strip()
    if given in ("", "*"):
        raise PreconditionRequired(
            "name the version that you change: send the ETag you were answered as If-Match"
        )
    return given


# Defaults that stand behind the `may(...)` of a route: who may not call it is told that first.
VERSION: Final[Any] = Depends(if_match)
SEEN: Final[Any] = Depends(content_match)


def tag(response: Response, version: int) -> None:
    """Answer the encounter's version as ETag."""
    response.headers["ETag"] = f'"{version}"'


def content_digest(content: Any) -> str:
    """32 hex digits that change when the content does (dataclasses and plain values)."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:32]


def tag_content(response: Response, content: Any) -> None:
    """Answer the content's digest as ETag."""
    response.headers["ETag"] = f'"{content_digest(content)}"'


def same_content(seen: str, content: Any) -> None:
    """PreconditionFailed where the content is not what the caller saw."""
    if content_digest(content) != seen:
        raise PreconditionFailed("it was changed meanwhile: load it again and repeat the change")
