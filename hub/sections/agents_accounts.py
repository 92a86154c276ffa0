"""The options of accounts: who may register, how long tokens live, what passwords cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from hub.option_types import Section


class AccountsSection(Section):
    """Accounts of this hub's own users."""

    registration: Literal["auto", "open", "closed"] = Field(
        "auto",
        description="who may register: open: anybody; closed: nobody; auto: anybody as long as the hub listens on "
        "loopback and trusts no proxy",
    )
    access_lifetime: float = Field(
        1_800.0, gt=0, description="life of an access token, in seconds; auth.max_lifetime bounds it"
    )
    refresh_lifetime: float = Field(604_800.0, gt=0, description="life of a refresh token, in seconds")
    refresh_grace: float = Field(
        0.0,
        ge=0,
        le=60,
        description="seconds for which a used refresh token still works, for tabs that refresh at once and answers "
        "that get lost; 0: using one twice ends its sign-in",
    )
    sign_ins: int = Field(
        100, ge=1, description="sign-ins that a user may have; a further one ends that which was silent longest"
    )
    attempts: int = Field(
        10, ge=1, description="attempts at the password of one e-mail address in a window, over all processes"
    )
    attempts_per_address: int = Field(
        300, ge=1, description="registrations, logins and refreshes from one address in a window, over all processes"
    )
    attempts_window: float = Field(300.0, gt=0, description="that window, in seconds")
    argon2_memory: int = Field(
        65_536, ge=8, description="memory of one hash of a password, in KiB; never less than 8 for each lane"
    )
    argon2_passes: int = Field(3, ge=1, description="passes over that memory")
    argon2_lanes: int = Field(4, ge=1, le=64, description="threads of one hash")
    hashing_at_once: int = Field(2, ge=1, description="passwords that each process hashes at the same time")
    hashing_waiting: int = Field(64, ge=1, description="passwords that wait for it or are at it; more are refused")
