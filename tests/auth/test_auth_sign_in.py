"""Passwords, sessions, throttling, API tokens."""

from __future__ import annotations

import re

import pytest
from auth_gate import PHRASE, Gate
from sqlalchemy import text

from suggest.auth.errors import (
    AuthError,
    DemoInProduction,
    InvalidAuthSettings,
    InvalidScope,
    InvalidToken,
    InvalidUser,
    NotSignedIn,
    SignInFailed,
    TooManyAttempts,
    UnknownRole,
    WeakPassword,
)
from suggest.auth.passwords import Passwords
from suggest.auth.permissions import actions, allowed
from suggest.auth.settings import AuthSettings
from suggest.auth.tables import ROLES
from suggest.auth.users import create_demo_users


def test_the_right_password_begins_a_session_and_nothing_else_does(gate: Gate) -> None:
    user = gate.add()
    new = gate.sign_in("  ANN ")
    assert gate.auth.by_session(new.token).user_id == user.id
    for name, password in (("ann", "wrong password!"), ("nobody", PHRASE), ("", ""), ("a b", "x")):
        with pytest.raises(SignInFailed, match="the name or the password is wrong"):
            gate.sign_in(name, password)
    with pytest.raises(NotSignedIn):
        gate.auth.by_session("not a token")


def test_passwords_are_argon2id_and_secrets_stand_nowhere(gate: Gate) -> None:
    gate.add()
    session_token = gate.sign_in().token
    api_token = gate.token("ann", "encounter.view").value
    with gate.auth.database.read() as session:
        stored = session.execute(text("SELECT password_hash FROM auth_user")).scalar_one()
        everything = "\n".join(
            str(row)
            for table in ("auth_user", "auth_session", "auth_api_token", "audit_event")
            for row in session.execute(text(f"SELECT * FROM {table}"))
        )
    assert stored.startswith("$argon2id$")
    for secret in (PHRASE, session_token, api_token.split("_", 2)[2]):
        assert secret not in everything
    assert AuthSettings().argon2_memory >= 65536


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("short", "at least 12"),
        ("a" * 12, "different"),
        ("ann is my name", "name"),
        ("x1" * 200, "most"),
    ],
)
def test_weak_passwords_are_refused_with_the_reason(gate: Gate, password: str, words: str) -> None:
    with pytest.raises(WeakPassword, match=words):
        gate.add(password=password)


def test_a_hash_of_old_parameters_is_renewed_at_sign_in(gate: Gate) -> None:
    gate.add()
    old = Passwords(AuthSettings(argon2_time=2, argon2_memory=16, argon2_lanes=1))
    with gate.auth.database.write() as session:
        gate.auth.users.get(session, "ann").password_hash = old.hash(PHRASE, name="ann")
    gate.sign_in()
    with gate.auth.database.read() as session:
        assert re.search("m=8,t=1", gate.auth.users.get(session, "ann").password_hash or "")


def test_a_session_ends_by_idleness_by_age_and_by_signing_out(gate: Gate) -> None:
    gate.add()
    idle = gate.sign_in().token
    gate.later(minutes=14)
    gate.auth.by_session(idle)
    gate.later(minutes=14)
    gate.auth.by_session(idle)
    gate.later(minutes=15)
    with pytest.raises(NotSignedIn, match="ended"):
        gate.auth.by_session(idle)

    old = gate.sign_in().token
    for _ in range(71):
        gate.later(minutes=10)
        gate.auth.by_session(old)
    gate.later(minutes=10)
    with pytest.raises(NotSignedIn, match="ended"):
        gate.auth.by_session(old)

    left = gate.sign_in().token
    gate.auth.sign_out(left)
    with pytest.raises(NotSignedIn):
        gate.auth.by_session(left)
    assert gate.events()[-1] == "auth.signed_out"


def test_signing_in_gives_a_new_token_and_ends_the_browsers_old_one(gate: Gate) -> None:
    gate.add()
    first = gate.sign_in().token
    second = gate.sign_in(old_token=first).token
    assert first != second
    with pytest.raises(NotSignedIn):
        gate.auth.by_session(first)
    assert gate.auth.csrf_token(second) != gate.auth.csrf_token(first)


def test_a_new_password_or_switching_off_ends_sessions(gate: Gate) -> None:
    gate.add()
    token, api = gate.sign_in().token, gate.token("ann", "encounter.view")
    with gate.auth.database.write() as session:
        gate.auth.users.set_password(session, actor="t", name="ann", password="another " + PHRASE)
    with pytest.raises(NotSignedIn):
        gate.auth.by_session(token)
    with gate.auth.database.write() as session:
        gate.auth.users.set_active(session, actor="t", name="ann", active=False)
    with pytest.raises(SignInFailed):
        gate.sign_in(password="another " + PHRASE)
    with pytest.raises(InvalidToken):
        gate.auth.by_api_token(api.value)


def test_other_rights_hold_at_once(gate: Gate) -> None:
    gate.add()
    token = gate.sign_in().token
    with gate.auth.database.write() as session:
        gate.auth.users.set_rights(
            session, actor="t", name="ann", role="lead", facilities=["south"]
        )
    now = gate.auth.by_session(token)
    assert (now.role, now.facilities) == ("lead", frozenset({"south"}))


def test_guessing_a_name_is_slowed_down_more_and_more(gate: Gate) -> None:
    gate.add()
    waits = []
    for _ in range(9):
        try:
            gate.sign_in(password="guess")
        except TooManyAttempts as error:
            waits.append(error.retry_after)
            gate.later(seconds=error.retry_after)
        except SignInFailed:
            pass
    assert waits == [2, 4]
    gate.later(minutes=20)
    gate.sign_in()  # the right one clears the name
    for _ in range(4):
        with pytest.raises(SignInFailed):
            gate.sign_in(password="guess")


def test_the_right_password_does_not_pass_while_the_name_is_blocked(gate: Gate) -> None:
    gate.add()
    for _ in range(5):
        with pytest.raises(SignInFailed):
            gate.sign_in(password="guess", address="10.0.0.9")
    with pytest.raises(TooManyAttempts):
        gate.sign_in(address="10.0.0.1")


def test_an_address_that_tries_many_names_is_slowed_down(gate: Gate) -> None:
    gate.add()
    for number in range(50):
        with pytest.raises(SignInFailed):
            gate.sign_in(f"user{number}", "guess")
    with pytest.raises(TooManyAttempts):
        gate.sign_in("user99", "guess")
    gate.sign_in(address="10.0.0.2")


def test_a_token_expires_and_does_only_what_its_role_may(gate: Gate) -> None:
    gate.add()
    token = gate.token("ann", "encounter.view")
    found = gate.auth.by_api_token(token.value)
    assert found.allows("encounter.view")
    assert not found.allows("encounter.decide")
    for wrong in ("", "sgt_x_y", token.value + "x", token.value[:-1]):
        with pytest.raises(InvalidToken):
            gate.auth.by_api_token(wrong)
    gate.later(days=1)
    with pytest.raises(InvalidToken):
        gate.auth.by_api_token(token.value)
    assert gate.events()[-1] == "auth.token_refused"
    for scopes, days in (
        (("users.manage",), 1),
        ((), 1),
        (("fly",), 1),
        (("encounter.view",), 999),
    ):
        with pytest.raises(InvalidScope):
            gate.token("ann", *scopes, days=days)


def test_a_system_has_no_password_and_a_user_no_impossible_name(gate: Gate) -> None:
    with pytest.raises(InvalidUser, match="API token"):
        gate.add("feed", "system")
    gate.add("feed", "system", None)
    with pytest.raises(SignInFailed):
        gate.sign_in("feed", PHRASE)
    for name in ("", "two words", "ünï", "-x", "a" * 101, "feed"):
        with pytest.raises(InvalidUser):
            gate.add(name)
    with pytest.raises(UnknownRole):
        gate.add("eve", "king")


def test_demo_users_exist_nowhere_in_production(gate: Gate) -> None:
    with gate.auth.database.write() as session:
        made = create_demo_users(session, audit=gate.audit, now=gate.now, settings=gate.settings)
    assert {user.role for user in made} == set(ROLES) - {"system"}
    assert gate.sign_in(made[0].name, made[0].password).principal.demo
    with gate.auth.database.write() as session, pytest.raises(DemoInProduction):
        create_demo_users(
            session, audit=gate.audit, now=gate.now, settings=AuthSettings(production=True)
        )
    with pytest.raises(InvalidAuthSettings):
        AuthSettings(production=True, secure_cookies=False)


# Who may do what: the table as the site's documents state it. A change of permissions.tsv that
# widens a right has to be made here too.
MAY = {
    "coder": (
        "worklist.view encounter.view encounter.suggest encounter.decide encounter.sign "
        "encounter.reopen query.send query.answer site.view suggestions.request codes.view"
    ),
    "lead": (
        "worklist.view encounter.view encounter.suggest encounter.assign encounter.decide "
        "encounter.sign encounter.reopen encounter.export query.send query.answer sample.draw "
        "second_review.decide agreement.view effort.view model.view site.view "
        "reject_reasons.edit suggestions.request codes.view"
    ),
    "auditor": (
        "worklist.view encounter.view sample.draw second_review.decide agreement.view audit.view "
        "audit.export audit.verify model.view site.view codes.view"
    ),
    "ml_engineer": (
        "snapshot.export model.view model.promote site.view suggestions.request codes.view"
    ),
    "admin": (
        "audit.view audit.verify model.view site.view facilities.manage settings.edit "
        "reject_reasons.edit users.manage tokens.manage codes.view"
    ),
    "system": (
        "encounter.view encounter.receive encounter.suggest encounter.export query.answer "
        "audit.verify site.view suggestions.request codes.view"
    ),
}


@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_exactly_this(role: str) -> None:
    assert {name for name in actions() if allowed(role, name)} == set(MAY[role].split())


def test_who_audits_does_not_code_and_who_codes_does_not_audit() -> None:
    for role in ROLES:
        codes = allowed(role, "encounter.decide")
        assert not (codes and allowed(role, "audit.export"))
        assert not (codes and allowed(role, "users.manage"))
    with pytest.raises(AuthError):
        allowed("coder", "fly")
