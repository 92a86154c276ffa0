"""Builds and reviews."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from channels.messages.fields import Amount, Line, Message, Name, Text, Url


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
