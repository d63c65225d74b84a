"""The account itself: its profile, its password, what happened to it, all that is kept about it, and its end."""

from __future__ import annotations

from api.account.frame import ALL_SCOPES, api
from api.contract import Call
from api.schema import anything, moment, obj, or_null, text, utc, yes_or_no
from flows import account as flow
from flows import password, username

PROFILE = obj(
    "*",
    sub=text("As in the ID token"),
    username=or_null(text("Where there is one", most=40)),
    language=text("In which messages come", most=10),
    created_at=moment(),
    has_password=yes_or_no(),
)


@api.operation("GET", "/profile", "Read the profile", scope="profile", gives=PROFILE)
def read_profile(call: Call) -> object:
    found = flow.profile(call.services, call.session)
    return {
        "sub": call.access.grant.subject,
        "username": found.username or None,
        "language": found.language,
        "created_at": utc(found.created_at),
        "has_password": found.has_password,
    }


@api.operation(
    "PUT",
    "/username",
    "Choose a username",
    scope="profile",
    field="username",
    proof=True,
    takes=obj("username", username=or_null(text("3 to 40 letters, digits, dots and dashes; null for none", most=100))),
    example={"username": "ann"},
)
def change_username(call: Call) -> object:
    return username.change(call.services, call.visitor, call.session, call.body["username"] or "")


@api.operation(
    "PUT",
    "/password",
    "Choose a password",
    scope="profile",
    field="password",
    proof=True,
    takes=obj(
        "password",
        password=text("The new one", most=1000),
        end_sessions=yes_or_no("End all other sessions too; true where it is left out"),
    ),
    example={"password": "four plain words together", "end_sessions": True},
)
def change_password(call: Call) -> object:
    end_sessions = call.body.get("end_sessions", True)
    return password.change(call.services, call.visitor, call.session, call.body["password"], end_sessions=end_sessions)


@api.operation(
    "GET",
    "/data",
    "Everything that is kept about the account",
    scope=ALL_SCOPES,
    field="download",
    proof=True,
    gives=anything("As the page of the account gives it; times are seconds since 1970"),
)
def read_data(call: Call) -> object:
    return flow.everything(call.services, call.session)


@api.operation(
    "DELETE",
    "/profile",
    "Delete the account",
    scope=ALL_SCOPES,
    field="delete",
    proof=True,
    about="With all its numbers, addresses, factors and sessions. This token ends with it.",
)
def delete_account(call: Call) -> object:
    return flow.delete(call.services, call.session)
