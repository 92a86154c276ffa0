"""What requests about accounts carry, and what they answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final

from pydantic import AfterValidator, ConfigDict, Field, SecretStr

from agents.accounts import email_address, password_rules, tokens
from hub.descriptions import Described, Id
from hub.http.api.bodies import Body
from hub.http.api.my.member import stamp

NAME_MAX: Final = 100
TOKEN_MAX: Final = 200


def _of(least: int, most: int) -> Callable[[SecretStr], SecretStr]:
    """Check the length of a secret. Pydantic's own refusal counts its `items`."""

    def check(secret: SecretStr) -> SecretStr:
        length = len(secret.get_secret_value())
        if not least <= length <= most:
            raise ValueError(f"expected {least} to {most} characters, got {length}")
        return secret

    return check


Email = Annotated[
    str, Field(max_length=email_address.LENGTH_MAX, description="e-mail address", examples=["ada@example.org"])
]
NewPassword = Annotated[
    SecretStr,
    AfterValidator(_of(password_rules.LENGTH_MIN, password_rules.LENGTH_MAX)),
    Field(
        description=f"{password_rules.LENGTH_MIN} to {password_rules.LENGTH_MAX} characters, at least "
        f"{password_rules.DIFFERENT_MIN} different ones, and not the e-mail address",
        json_schema_extra={"minLength": password_rules.LENGTH_MIN, "maxLength": password_rules.LENGTH_MAX},
    ),
]
Password = Annotated[
    SecretStr,
    AfterValidator(_of(1, password_rules.LENGTH_MAX)),
    Field(description="the password", json_schema_extra={"minLength": 1, "maxLength": password_rules.LENGTH_MAX}),
]
RefreshToken = Annotated[
    SecretStr,
    AfterValidator(_of(1, TOKEN_MAX)),
    Field(description="as it was given", json_schema_extra={"minLength": 1, "maxLength": TOKEN_MAX}),
]
PersonName = Annotated[
    str,
    Field(max_length=NAME_MAX, pattern=r"^[^\x00-\x1f\x7f]*$", description="what the user is called, for people"),
]


class RegisterBody(Body):
    """Who registers."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.org", "password": "a-long-passphrase", "name": "Ada"}]}
    )

    email: Email
    password: NewPassword
    name: PersonName = ""


class LoginBody(Body):
    """Who signs in."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"email": "ada@example.org", "password": "a-long-passphrase"}]}
    )

    email: Email
    password: Password


class RefreshBody(Body):
    """The refresh token."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"refresh_token": "what-login-gave"}]})

    refresh_token: RefreshToken


class AccountBody(Body):
    """What changes."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"name": "Ada"}]})

    name: PersonName | None = None


class PasswordBody(Body):
    """The password that holds, and the one that is to."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"current": "a-long-passphrase", "new": "another-passphrase"}]}
    )

    current: Password
    new: NewPassword


class DeleteAccountBody(Body):
    """That it is the user who wants it. Users of other issuers have no password here, and leave it out."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"password": "a-long-passphrase"}]})

    password: Password | None = None


class AccountState(Described):
    """A user."""

    id: Id
    subject: str = Field(description="sub of the user's tokens; the user's own channel is user:SUBJECT")
    email: str | None = Field(None, description="absent for users whose tokens come from elsewhere")
    name: str
    created_at: str = Field(json_schema_extra={"format": "date-time"})

    @classmethod
    def of(cls, account: tokens.Account) -> AccountState:
        """Describe an account."""
        return cls(
            id=str(account.id),
            subject=account.subject,
            email=account.email,
            name=account.name,
            created_at=stamp(account.created_at),
        )


class TokensState(Described):
    """The user is signed in."""

    access_token: str = Field(description="for Authorization: Bearer, and for WebSockets and streams")
    token_type: str = "Bearer"  # noqa: S105 - a word, not a secret
    expires_in: float = Field(description="seconds that it is good for")
    refresh_token: str = Field(description="for POST /auth/refresh; works once")
    refresh_expires_in: float = Field(description="seconds that it is good for")
    user: AccountState

    @classmethod
    def of(cls, signed_in: tokens.SignedIn) -> TokensState:
        """Describe what a client gets."""
        return cls(
            access_token=signed_in.access_token,
            expires_in=signed_in.expires_in,
            refresh_token=signed_in.refresh_token,
            refresh_expires_in=signed_in.refresh_expires_in,
            user=AccountState.of(signed_in.account),
        )


class SignInState(Described):
    """Where the user is signed in."""

    id: Id
    client: str = Field(description="what the client called itself (User-Agent)")
    created_at: str = Field(json_schema_extra={"format": "date-time"})
    refreshed_at: str = Field(json_schema_extra={"format": "date-time"})
    expires_at: str = Field(description="unless it is refreshed", json_schema_extra={"format": "date-time"})

    @classmethod
    def of(cls, each: tokens.SignIn) -> SignInState:
        """Describe a sign-in."""
        return cls(
            id=str(each.id),
            client=each.client,
            created_at=stamp(each.created_at),
            refreshed_at=stamp(each.refreshed_at),
            expires_at=stamp(each.expires_at),
        )


class SignInList(Described):
    """Where the user is signed in, the newest first."""

    items: list[SignInState]


class AccountAndSignIns(AccountState):
    """A user, and where that user is signed in."""

    sign_ins: list[SignInState]
