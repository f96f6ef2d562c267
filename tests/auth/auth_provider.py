"""An identity provider on loopback (OpenID Connect code flow with PKCE) that can be made to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

CLIENT = "suggest"
SECRET = "not a real secret"
Claims = dict[str, Any]


@dataclass
class Provider:
    """Signs in whoever the test says. `twist` changes the ID token's header and claims."""

    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signs_with: Any = None
    twist: Callable[[Claims, Claims], None] = lambda _header, _claims: None
    codes: dict[str, tuple[dict[str, str], Claims]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.answer(self, urlsplit(self.path).path, {})

            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["Content-Length"])).decode()
                provider.answer(self, self.path, {k: v[0] for k, v in parse_qs(raw).items()})

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def consent(self, location: str, claims: Claims) -> dict[str, str]:
        """The person signs in at the provider; what their browser then brings back."""
        asked = {k: v[0] for k, v in parse_qs(urlsplit(location).query).items()}
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        code = hashlib.sha256(asked["state"].encode()).hexdigest()
        self.codes[code] = (asked, claims)
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def answer(self, to: BaseHTTPRequestHandler, path: str, form: dict[str, str]) -> None:
        status, body = 200, {}
        if path == "/.well-known/openid-configuration":
            body = {
                "issuer": self.issuer,
                "authorization_endpoint": self.issuer + "/authorize",
                "token_endpoint": self.issuer + "/token",
                "jwks_uri": self.issuer + "/keys",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        elif path == "/keys":
            body = {"keys": [self.key.as_dict(private=False)]}
        elif path == "/token":
            status, body = self._token(to, form)
        else:
            status = 404
        raw = json.dumps(body).encode()
        to.send_response(status)
        to.send_header("Content-Type", "application/json")
        to.send_header("Content-Length", str(len(raw)))
        to.end_headers()
        to.wfile.write(raw)

    def _token(self, to: BaseHTTPRequestHandler, form: dict[str, str]) -> tuple[int, Claims]:
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode().rstrip("=")
        given = to.headers.get("Authorization", "").removeprefix("Basic ").rstrip("=")
        asked, person = self.codes.pop(form.get("code", ""), ({}, {}))
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        if given not in (basic, ""):
            return 401, {"error": "invalid_client"}
        if not asked or challenge != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        header: Claims = {"alg": "RS256", "kid": "one"}
        claims = {
            "iss": self.issuer,
            "aud": CLIENT,
            "exp": now + 300,
            "iat": now,
            "nonce": asked["nonce"],
        } | person
        self.twist(header, claims)
        if header["alg"] == "none":
            parts = (json.dumps(part).encode() for part in (header, claims))
            token = ".".join(base64.urlsafe_b64encode(p).decode().rstrip("=") for p in parts) + "."
        else:
            key = OctKey.import_key(SECRET) if header["alg"] == "HS256" else self.key
            token = jwt.encode(header, claims, self.signs_with or key)
        return 200, {"access_token": "x", "token_type": "Bearer", "id_token": token}
