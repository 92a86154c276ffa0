"""The options of webhooks from forges: GitHub, GitLab, Gitea and Forgejo."""

from __future__ import annotations

from pydantic import Field, SecretStr

from hub.option_types import Name, RoomName, Seconds, Section


class SourceOptions(Section):
    """One forge."""

    enabled: bool = Field(False, description="take what it posts; needs a secret")
    secret: SecretStr = Field(SecretStr(""), description="what the forge signs with; better given in secret_file")
    secret_file: str = Field("", description="file that holds the secret")
    logins: bool = Field(
        False,
        description="a login that webhooks.users doesn't name is the user of that id; only where logins are yours",
    )


class WebhooksOptions(Section):
    """What forges tell: pushes, builds and reviews, by signed webhooks at `/hooks/...`."""

    github: SourceOptions = Field(SourceOptions(), description="GitHub, at /hooks/github")
    gitlab: SourceOptions = Field(
        SourceOptions(), description="GitLab, at /hooks/gitlab; a secret that begins with whsec_ is its signing token"
    )
    gitea: SourceOptions = Field(SourceOptions(), description="Gitea or Forgejo, at /hooks/gitea")
    users: dict[str, Name] = Field(
        {},
        description="which user a login, a mail address, or id:NUMBER of a forge is",
        examples=[{"alice-gh": "alice", "bob@example.com": "bob"}],
    )
    rooms: dict[str, RoomName] = Field(
        {},
        description="rooms (without `room:`) that get all of a repository, as the forge names it",
        examples=[{"acme/shop": "shop-team"}],
    )
    remember: Seconds = Field(
        259_200.0, description="seconds for which a delivery that was published is known again and not repeated"
    )
