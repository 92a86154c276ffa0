"""Accounts over HTTP: register, sign in, refresh, sign out, and one's own account.

The tokens go into bodies alone, in and out: no cookie is set or read here, so no page of another site can make a
browser sign in, refresh or sign out.
"""

from __future__ import annotations

from typing import Any, Final

from structlog.contextvars import bind_contextvars

from agents.accounts.tokens import Caller, SignedIn
from channels.errors import ErrorCode
from hub.http.api.endpoint import Call, Endpoint, Hub, Who
from hub.http.api.my.account_bodies import (
    AccountAndSignIns,
    AccountBody,
    AccountState,
    DeleteAccountBody,
    LoginBody,
    PasswordBody,
    RefreshBody,
    RegisterBody,
    SignInList,
    SignInState,
    TokensState,
)
from hub.http.api.my.member import member, parts_of
from hub.http.user_agent import user_agent_of


async def register(hub: Hub, call: Call[RegisterBody, None]) -> TokensState:
    """Make an account, and sign in.

    Who may is said by the option agents.accounts.registration. Addresses that differ in case alone are the same.
    """
    body = call.body
    door = parts_of(hub).authentication
    password = body.password.get_secret_value()
    return _tokens(await door.register(body.email, password, body.name, _caller(hub, call)))


async def login(hub: Hub, call: Call[LoginBody, None]) -> TokensState:
    """Sign in with a password. Whether there is such an account can't be told from the answer."""
    door = parts_of(hub).authentication
    return _tokens(await door.login(call.body.email, call.body.password.get_secret_value(), _caller(hub, call)))


async def refresh(hub: Hub, call: Call[RefreshBody, None]) -> TokensState:
    """Exchange a refresh token for two new tokens.

    It works once. When it is shown again, somebody has a copy: everything that came of its sign-in is refused from then
    on, and its connections are closed.
    """
    door = parts_of(hub).authentication
    return _tokens(await door.refresh(call.body.refresh_token.get_secret_value(), _caller(hub, call)))


async def logout(hub: Hub, call: Call[RefreshBody, None]) -> None:
    """End a sign-in: its refresh token and its access tokens are refused, its connections are closed."""
    await parts_of(hub).authentication.logout(call.body.refresh_token.get_secret_value())


async def get_account(hub: Hub, call: Call[None, None]) -> AccountAndSignIns:
    """Return one's account, and where one is signed in."""
    parts, scope = await member(hub, call)
    account = AccountState.of(await parts.accounts.get(scope))
    return AccountAndSignIns(
        **account.model_dump(), sign_ins=[SignInState.of(each) for each in await parts.accounts.sign_ins(scope)]
    )


async def patch_account(hub: Hub, call: Call[AccountBody, None]) -> AccountState:
    """Change one's name."""
    parts, scope = await member(hub, call)
    name = call.body.name
    changed = parts.accounts.get(scope) if name is None else parts.accounts.rename(scope, name)
    return AccountState.of(await changed)


async def change_password(hub: Hub, call: Call[PasswordBody, None]) -> TokensState:
    """Change the password. All tokens that were given before are refused from then on; the answer has new ones."""
    parts, scope = await member(hub, call)
    current, new = call.body.current.get_secret_value(), call.body.new.get_secret_value()
    return _tokens(await parts.accounts.change_password(scope, current, new, _caller(hub, call)))


async def delete_account(hub: Hub, call: Call[DeleteAccountBody, None]) -> None:
    """Delete one's account, with agents, sessions, messages and memories. It can't be undone."""
    parts, scope = await member(hub, call)
    password = call.body.password
    await parts.accounts.delete(scope, None if password is None else password.get_secret_value())


async def list_sign_ins(hub: Hub, call: Call[None, None]) -> SignInList:
    """Tell where one is signed in."""
    parts, scope = await member(hub, call)
    return SignInList(items=[SignInState.of(each) for each in await parts.accounts.sign_ins(scope)])


async def delete_sign_ins(hub: Hub, call: Call[None, None]) -> None:
    """Sign out everywhere, here as well."""
    parts, scope = await member(hub, call)
    await parts.accounts.sign_out_everywhere(scope)


def _caller(hub: Hub, call: Call[Any, None]) -> Caller:
    return Caller(hub.access.address(call.request), user_agent_of(call.request))


def _tokens(signed_in: SignedIn) -> TokensState:
    bind_contextvars(user=signed_in.account.subject)
    return TokensState.of(signed_in)


_OFF: Final = (ErrorCode.NOT_FOUND, ErrorCode.UNAVAILABLE)
"""Agents may be off, and their database away."""

_TAG: Final = "accounts"

ROWS: Final[tuple[Endpoint[Any, Any], ...]] = (
    Endpoint(
        "POST",
        "/auth/register",
        "Make an account",
        register,
        Who.ANYONE,
        _TAG,
        answer=TokensState,
        body=RegisterBody,
        errors=(*_OFF, ErrorCode.INVALID_DATA, ErrorCode.CONFLICT),
        status=201,
    ),
    Endpoint(
        "POST",
        "/auth/login",
        "Sign in",
        login,
        Who.ANYONE,
        _TAG,
        answer=TokensState,
        body=LoginBody,
        errors=(*_OFF, ErrorCode.UNAUTHENTICATED, ErrorCode.INVALID_DATA),
    ),
    Endpoint(
        "POST",
        "/auth/refresh",
        "Exchange a refresh token",
        refresh,
        Who.ANYONE,
        _TAG,
        answer=TokensState,
        body=RefreshBody,
        errors=(*_OFF, ErrorCode.INVALID_TOKEN, ErrorCode.INVALID_DATA),
    ),
    Endpoint(
        "POST",
        "/auth/logout",
        "Sign out",
        logout,
        Who.ANYONE,
        _TAG,
        body=RefreshBody,
        errors=(*_OFF, ErrorCode.INVALID_DATA),
    ),
    Endpoint(
        "GET", "/my/account", "One's account", get_account, Who.MEMBER, _TAG, answer=AccountAndSignIns, errors=_OFF
    ),
    Endpoint(
        "PATCH",
        "/my/account",
        "Change one's name",
        patch_account,
        Who.MEMBER,
        _TAG,
        answer=AccountState,
        body=AccountBody,
        errors=(*_OFF, ErrorCode.INVALID_DATA),
    ),
    Endpoint(
        "DELETE",
        "/my/account",
        "Delete one's account",
        delete_account,
        Who.MEMBER,
        _TAG,
        body=DeleteAccountBody,
        body_optional=True,
        errors=(*_OFF, ErrorCode.INVALID_DATA, ErrorCode.CONFLICT),
    ),
    Endpoint(
        "PUT",
        "/my/account/password",
        "Change the password",
        change_password,
        Who.MEMBER,
        _TAG,
        answer=TokensState,
        body=PasswordBody,
        errors=(*_OFF, ErrorCode.INVALID_DATA, ErrorCode.CONFLICT),
    ),
    Endpoint(
        "GET",
        "/my/account/sign-ins",
        "Where one is signed in",
        list_sign_ins,
        Who.MEMBER,
        _TAG,
        answer=SignInList,
        errors=_OFF,
    ),
    Endpoint("DELETE", "/my/account/sign-ins", "Sign out everywhere", delete_sign_ins, Who.MEMBER, _TAG, errors=_OFF),
)
