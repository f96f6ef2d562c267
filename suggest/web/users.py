"""Users and their API tokens, for admins."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from suggest.auth.errors import AuthError, InvalidUser
from suggest.auth.permissions import actions
from suggest.auth.tables import ROLES
from suggest.auth.tokens import NewToken, make_token, revoke_token, tokens_of
from suggest.review import encounters
from suggest.web.page import Page, page_for

router = APIRouter(prefix="/users")
Admin = Annotated[Page, Depends(page_for("users.manage"))]
TokenAdmin = Annotated[Page, Depends(page_for("tokens.manage"))]
DAYS: Final = ("30", "90", "180", "365")


class NewUser(BaseModel):
    """The form of a new user."""

    model_config = ConfigDict(extra="ignore")

    name: str = ""
    display_name: str = ""
    role: str = "coder"
    facility: list[str] = []
    password: str = ""


@router.get("")
def show_all(page: Admin) -> Response:
    """Every user, and the form for another."""
    return _all(page, NewUser())


@router.post("")
def add(form: Annotated[NewUser, Form()], page: Admin) -> Response:
    """Add a user; what cannot be stored shows the form again with the reason."""
    try:
        with page.work() as work:
            user = page.service.auth.users.add(
                work.session,
                actor=page.user.user_id,
                now=page.now,
                name=form.name,
                role=form.role,
                facilities=form.facility,
                display_name=form.display_name.strip() or None,
                password=form.password or None,
            )
    except AuthError as error:
        return _all(page, form, str(error))
    return page.see_other(f"/users/{user.name}", f"{user.display_name} was added.")


@router.get("/{name}")
def show(name: str, page: Admin) -> Response:
    """One user: rights, password, tokens."""
    return _one(page, name)


@router.post("/{name}/rights")
def rights(
    name: str,
    page: Admin,
    role: Annotated[str, Form()],
    facility: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Another role, other facilities; they hold from the user's next request on."""
    users = page.service.auth.users
    try:
        with page.work() as work:
            _refuse_self(page, users.get(work.session, name).id)
            users.set_rights(
                work.session,
                actor=page.user.user_id,
                name=name,
                role=role,
                facilities=facility or [],
            )
    except AuthError as error:
        return _one(page, name, str(error))
    return page.see_other(f"/users/{name}", "The rights are stored.")


@router.post("/{name}/active")
def active(name: str, page: Admin, on: Annotated[str, Form()] = "") -> Response:
    """Switch the user off, or on again."""
    users = page.service.auth.users
    try:
        with page.work() as work:
            user = users.get(work.session, name)
            _refuse_self(page, user.id)
            users.set_active(work.session, actor=page.user.user_id, name=name, active=on == "yes")
    except AuthError as error:
        return _one(page, name, str(error))
    state = "may sign in again" if on == "yes" else "is switched off; sessions and tokens ended"
    return page.see_other(f"/users/{name}", f"{user.display_name} {state}.")


@router.post("/{name}/password")
def password(name: str, page: Admin, password: Annotated[str, Form()] = "") -> Response:
    """A new password; the user's sessions end."""
    try:
        with page.work() as work:
            page.service.auth.users.set_password(
                work.session, actor=page.user.user_id, name=name, password=password
            )
    except AuthError as error:
        return _one(page, name, str(error))
    return page.see_other(f"/users/{name}", "The new password holds; open sessions have ended.")


@router.post("/{name}/tokens")
def add_token(
    name: str,
    page: TokenAdmin,
    label: Annotated[str, Form()] = "",
    days: Annotated[str, Form()] = "90",
    scope: Annotated[list[str] | None, Form()] = None,
) -> Response:
    """Make a token; the answer is the only page that ever shows it."""
    auth = page.service.auth
    try:
        with page.work() as work:
            made = make_token(
                work.session,
                audit=page.service.audit,
                actor=page.user.user_id,
                now=page.now,
                owner=auth.users.get(work.session, name),
                label=label.strip() or "without a label",
                scopes=scope or [],
                life=timedelta(days=int(days) if days in DAYS else 90),
                longest_life=auth.settings.longest_token_life,
            )
    except AuthError as error:
        return _one(page, name, str(error))
    return _one(page, name, made=made)


@router.post("/{name}/tokens/{prefix}/revoke")
def revoke(name: str, prefix: str, page: TokenAdmin) -> Response:
    """Stop a token at once."""
    with page.work() as work:
        revoke_token(
            work.session,
            audit=page.service.audit,
            actor=page.user.user_id,
            now=page.now,
            prefix=prefix,
        )
    return page.see_other(f"/users/{name}", "The token is revoked.")


def _all(page: Page, form: NewUser, error: str | None = None) -> Response:
    session = page.session
    return page.render(
        "users/list.html",
        status=200 if error is None else 422,
        people=page.service.auth.users.all(session),
        facilities=encounters.facilities(session, page.actor),
        roles=ROLES,
        form=form,
        error=error,
        shortest=page.service.auth.settings.shortest_password,
    )


def _one(
    page: Page, name: str, error: str | None = None, *, made: NewToken | None = None
) -> Response:
    session = page.reread()
    person = page.service.auth.users.get(session, name)
    return page.render(
        "users/show.html",
        status=200 if error is None else 422,
        person=person,
        facilities=encounters.facilities(session, page.actor),
        roles=ROLES,
        tokens=tokens_of(session, person.id),
        scopes=[action for action in actions().values() if person.role in action.roles],
        days=DAYS,
        error=error,
        made=made,
        itself=person.id == page.user.user_id,
        shortest=page.service.auth.settings.shortest_password,
    )


def _refuse_self(page: Page, user_id: str) -> None:
    if user_id == page.user.user_id:
        raise InvalidUser("nobody changes their own rights: ask another admin")
