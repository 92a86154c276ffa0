"""Pushes, builds and reviews."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from channels.messages.fields import Amount, Count, Line, Message, Name, Text, Url


class BuildStatus(Message):
    """A build was queued, started or ended."""

    type: ClassVar[str] = "build_status"

    build_id: Name = Field(description="the build, as its CI system names it")
    project: Name = Field(description="what is built")
    status: Literal["queued", "running", "success", "failure", "cancelled"]
    branch: Name | None = None
    commit: Name | None = Field(None, description="revision, as the version control names it")
    url: Url | None = Field(None, description="the build's log")
    duration_seconds: Amount | None = Field(None, description="seconds since the build started, so far or in all")
    message: Text | None = Field(None, description="for people, such as the reason of a failure")


class CodeReview(Message):
    """Something happened to a review."""

    type: ClassVar[str] = "code_review"

    review_id: Name = Field(description="the review, as its system names it")
    repository: Name
    title: Line | None = None
    action: Literal["requested", "commented", "approved", "changes_requested", "merged", "closed"]
    author: Name = Field(description="who wrote the change")
    reviewer: Name | None = Field(None, description="who is asked, or has spoken")
    url: Url | None = Field(None, description="the review's page")
    comment: Text | None = None


class CodePush(Message):
    """Commits were pushed to a branch."""

    type: ClassVar[str] = "code_push"

    repository: Name
    branch: Name
    commit: Name = Field(description="revision that the branch is at now, as the version control names it")
    previous: Name | None = Field(None, description="revision that it was at before; null for a new branch")
    commits: Count | None = Field(None, description="commits that were pushed; null where that is not told")
    author: Name = Field(description="who pushed")
    title: Line | None = Field(None, description="first line of the newest commit's message")
    url: Url | None = Field(None, description="page that compares both revisions, or shows the newest")
