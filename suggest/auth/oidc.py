"""Sign-in by an identity provider: OpenID Connect's code flow with PKCE, by Authlib.

What is kept between going there and coming back (state, nonce, PKCE verifier) stands in the
database and is taken out once; the browser has a random id for it in a cookie.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, Final

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.starlette_client import OAuth
from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from httpx2 import HTTPError
from joserfc.errors import JoseError
from sqlalchemy import delete, select
from starlette.responses import RedirectResponse

from suggest.auth.errors import (
    AuthError,
    InvalidAuthSettings,
    InvalidUser,
    OidcFailed,
)
from suggest.auth.principal import Principal
from suggest.auth.secret import digest, new_secret
from suggest.auth.service import NOBODY, Auth, NewSession
from suggest.auth.settings import OidcSettings
from suggest.auth.tables import OidcFlow, User
from suggest.auth.users import login_name
from suggest.auth.web import client_address, give_cookie, session_cookie

ACTOR: Final = "oidc"  # who adds users and changes their rights on the provider's word


class OidcSignIn:
    """The two ends of the way through the provider. One for the life of the application."""

    def __init__(self, auth: Auth) -> None:
        if auth.settings.oidc is None:
            raise InvalidAuthSettings("no identity provider is set")
        self._auth = auth
        self._settings: OidcSettings = auth.settings.oidc
        self._client: Any = OAuth().register(
            "provider",
            client_id=self._settings.client_id,
            client_secret=self._settings.client_secret,
            server_metadata_url=(
                self._settings.issuer.rstrip("/") + "/.well-known/openid-configuration"
            ),
            client_kwargs={
                "scope": self._settings.scope,
                "code_challenge_method": "S256",
                "timeout": self._settings.timeout.total_seconds(),
            },
        )

    async def begin(self, request: Request, callback_url: str) -> RedirectResponse:
        """Send the browser to the provider. `callback_url` is where it comes back to, absolute."""
        try:
            await self._discover()
            request.scope["session"] = {}
            response: RedirectResponse = await self._client.authorize_redirect(
                request, callback_url
            )
        except _FAILURES as error:
            raise await self._failed(request, error) from error
        flow, data = new_secret(), json.dumps(request.scope.pop("session"))
        await run_in_threadpool(self._keep, flow, data)
        response.set_cookie(
            self._cookie(),
            flow,
            max_age=int(self._settings.flow_lifetime.total_seconds()),
            httponly=True,
            secure=self._auth.settings.secure_cookies,
            samesite="lax",  # the way back starts at the provider
            path="/",
        )
        return response

    async def complete(self, request: Request, response: Response) -> Principal:
        """The browser is back: check the provider's word, begin a session, set its cookie.

        OidcFailed for everything that does not fit; the audit log has the kind of failure.
        """
        try:
            claims = await self._claims(request)
            new = await run_in_threadpool(self._sign_in, claims, request)
        except _FAILURES as error:
            raise await self._failed(request, error) from error
        response.delete_cookie(self._cookie(), path="/", secure=self._auth.settings.secure_cookies)
        give_cookie(self._auth, response, new)
        return new.principal

    async def _claims(self, request: Request) -> Mapping[str, Any]:
        flow = request.cookies.get(self._cookie())
        data = await run_in_threadpool(self._take, flow) if flow else None
        if data is None:
            raise OidcFailed("no-flow")
        metadata = await self._discover()
        # RFC 9207: an answer that another provider gave is not taken for this one's.
        if request.query_params.get("iss", metadata["issuer"]) != metadata["issuer"]:
            raise OidcFailed("other-issuer")
        request.scope["session"] = json.loads(data)
        token = await self._client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "value": self._settings.issuer},
                "aud": {"essential": True, "value": self._settings.client_id},
                "nonce": {"essential": True},
            },
            leeway=int(self._settings.leeway.total_seconds()),
        )
        claims: Mapping[str, Any] | None = token.get("userinfo")
        if not claims:
            raise OidcFailed("no-id-token")
        return claims

    async def _discover(self) -> Mapping[str, Any]:
        """The provider's metadata (OIDC Discovery 1.0, 4.3: its issuer must be the one asked)."""
        metadata: dict[str, Any] = await self._client.load_server_metadata()
        if metadata.get("issuer") != self._settings.issuer:
            raise OidcFailed("other-issuer")
        # Not what the provider supports but what we accept: never `none`, never a shared secret.
        metadata["id_token_signing_alg_values_supported"] = list(self._settings.algorithms)
        return metadata

    def _sign_in(self, claims: Mapping[str, Any], request: Request) -> NewSession:
        auth, settings = self._auth, self._settings
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 1 <= len(subject) <= 255:
            raise OidcFailed("no-subject")
        given = _values(claims, settings.role_claim)
        role = next((role for value, role in settings.roles.items() if value in given), None)
        if role is None:
            raise OidcFailed("no-role")
        places = _values(claims, settings.facility_claim)
        facilities = {settings.facilities[place] for place in places & settings.facilities.keys()}
        with auth.database.write() as session:
            user = session.scalar(
                select(User).where(
                    User.oidc_issuer == settings.issuer, User.oidc_subject == subject
                )
            )
            if user is None:
                user = auth.users.add(
                    session,
                    actor=ACTOR,
                    now=auth.clock(),
                    name=self._free_name(session, claims, subject),
                    display_name=_text(claims, "name"),
                    role=role,
                    facilities=facilities,
                    oidc=(settings.issuer, subject),
                )
            auth.users.set_rights(
                session, actor=ACTOR, name=user.name, role=role, facilities=facilities
            )
            return auth.begin(
                session,
                user.id,
                method="oidc",
                address=client_address(request),
                old_token=request.cookies.get(session_cookie(auth)),
            )

    def _free_name(self, session: Any, claims: Mapping[str, Any], subject: str) -> str:
        """The name the provider gives, if nobody has it: never another user's."""
        for claim in ("preferred_username", "email"):
            wanted = _text(claims, claim)
            try:
                name = login_name(wanted) if wanted else None
            except InvalidUser:
                continue
            if name and session.scalar(select(User.id).where(User.name == name)) is None:
                return name
        identity = json.dumps([self._settings.issuer, subject]).encode()
        return f"oidc-{sha256(identity).hexdigest()[:16]}"

    def _keep(self, flow: str, data: str) -> None:
        expires_at = self._auth.clock() + self._settings.flow_lifetime
        with self._auth.database.write() as session:
            session.add(OidcFlow(id_hash=digest(flow), data=data, expires_at=expires_at))

    def _take(self, flow: str) -> str | None:
        now = self._auth.clock()
        with self._auth.database.write() as session:
            taken = session.execute(
                delete(OidcFlow)
                .where(OidcFlow.id_hash == digest(flow))
                .returning(OidcFlow.data, OidcFlow.expires_at)
            ).first()
        return taken.data if taken is not None and now < taken.expires_at else None

    async def _failed(self, request: Request, error: Exception) -> OidcFailed:
        """What the caller raises; recorded without the provider's words, which may name people."""
        reason = error.reason if isinstance(error, OidcFailed) else type(error).__name__
        await run_in_threadpool(self._record_failure, client_address(request), reason)
        return OidcFailed(reason)

    def _record_failure(self, address: str, reason: str) -> None:
        with self._auth.database.write() as session:
            self._auth.audit.record(
                session,
                event="auth.sign_in_failed",
                actor=NOBODY,
                encounter_id=None,
                detail={"method": "oidc", "address": address, "reason": reason},
            )

    def _cookie(self) -> str:
        return f"{session_cookie(self._auth)}-oidc"


# What Authlib, its client and joserfc raise for answers that do not fit; ValueError and
# RuntimeError stand for answers that are no JSON, or metadata without an endpoint.
_FAILURES: Final = (
    AuthlibBaseError,
    JoseError,
    HTTPError,
    AuthError,
    ValueError,
    RuntimeError,
    KeyError,
    TypeError,
)


def _values(claims: Mapping[str, Any], path: str) -> set[str]:
    """The texts at the path; a claim whose own name has dots in it comes first."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return {found}
    return (
        {value for value in found if isinstance(value, str)} if isinstance(found, list) else set()
    )


def _text(claims: Mapping[str, Any], name: str) -> str | None:
    value = claims.get(name)
    return value if isinstance(value, str) and value else None
