"""GitHub's webhooks: signed with HMAC-SHA256 over the body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, Literal

from channels.messages import BuildStatus, CodePush, CodeReview
from integrations.forges.delivery import Delivery, Event, Malformed, Person, people
from integrations.forges.payload import Payload, branch_of, duration, is_nothing
from integrations.forges.signatures import check_hex

Status = Literal["queued", "running", "success", "failure", "cancelled"]
Action = Literal["requested", "commented", "approved", "changes_requested", "merged", "closed"]

_CONCLUSIONS: Final[dict[str, Status]] = {
    "success": "success",
    "neutral": "success",
    "failure": "failure",
    "timed_out": "failure",
    "startup_failure": "failure",
    "action_required": "failure",
    "cancelled": "cancelled",
    "stale": "cancelled",
}
"""How a run that is over ended. `skipped` isn't told: nothing was built."""

_STATES: Final[dict[str, Status]] = {
    "pending": "running",
    "success": "success",
    "warning": "success",
    "failure": "failure",
    "error": "failure",
}
"""States of a commit status. `warning` is Gitea's."""

_REVIEWS: Final[dict[str, Action]] = {
    "approved": "approved",
    "changes_requested": "changes_requested",
    "commented": "commented",
}


def check(headers: Mapping[str, str], body: bytes, secret: str, _now: float) -> None:
    """Check `X-Hub-Signature-256`. The older SHA-1 signature beside it is not looked at.

    Raises:
        Unsigned, Forged: see `integrations.forges.signatures`.
    """
    check_hex(headers.get("x-hub-signature-256", ""), "sha256=", body, secret)


def delivery_id(headers: Mapping[str, str]) -> str:
    """Return the id, which is the same when a delivery is sent again by hand."""
    return headers.get("x-github-delivery", "")


def read(id: str, headers: Mapping[str, str], body: Payload) -> Delivery:
    """Read a signed body.

    Raises:
        Malformed: it isn't what GitHub documents.
    """
    kind = headers.get("x-github-event", "")
    if not kind:
        raise Malformed("headers: expected X-GitHub-Event")
    return deliver(id, kind, body, EVENTS)


def deliver(id: str, kind: str, body: Payload, events: Mapping[str, Callable[[Payload], Event | None]]) -> Delivery:
    """Read what a kind of event says, if it is one that is told."""
    reader = events.get(kind)
    event = reader(body) if reader is not None else None
    repository = body.at("repository").name("full_name") or ""
    if event is None:
        return Delivery(id, kind, repository)
    pushed = event.message.commit if isinstance(event.message, CodePush) else ""
    return Delivery(id, kind, repository, (event,), pushed)


def push(body: Payload) -> Event | None:
    """Read a push to a branch; nothing of tags, and nothing when the branch was deleted."""
    branch, after = branch_of(body.word("ref")), body.needed("after")
    if branch is None or is_nothing(after) or body.flag("deleted"):
        return None
    commits = list(body.items("commits"))
    newest = body.at("head_commit") or (commits[-1] if commits else body.at("head_commit"))
    sender, before = body.person("sender"), body.name("before")
    pusher = body.at("pusher")
    author = sender.login or pusher.word("name")
    message = CodePush(
        repository=body.at("repository").needed("full_name"),
        branch=branch,
        commit=after,
        previous=None if before is None or is_nothing(before) else before,
        commits=body.count("total_commits") or len(commits),
        author=name_of(author),
        title=newest.line("message"),
        url=body.url("compare", "compare_url") or newest.url("url"),
    )
    authors = [commit.person("author", login="username") for commit in commits]
    return Event(people([sender, pusher.person(login="name"), *authors]), message)


def workflow_run(body: Payload) -> Event | None:
    """Read how a run of GitHub Actions (or Gitea Actions) goes."""
    run = body.at("workflow_run")
    status = _run_status(run)
    if status is None:
        return None
    name = run.line("name") or run.line("display_title")
    message = BuildStatus(
        build_id=run.needed("id"),
        project=body.at("repository").needed("full_name"),
        status=status,
        branch=run.name("head_branch"),
        commit=run.name("head_sha"),
        url=run.url("html_url"),
        duration_seconds=_lasted(run, "run_started_at", "updated_at", status),
        message=None if name is None else f"{name}: {run.word('conclusion') or run.word('status')}",
    )
    caused = [run.person("triggering_actor"), run.person("actor"), body.person("sender")]
    return Event(people([*caused, run.person("head_commit", "author")]), message)


def check_run(body: Payload) -> Event | None:
    """Read how a check of another system goes. Those of GitHub Actions are told as `workflow_run`."""
    run = body.at("check_run")
    status = _run_status(run)
    if status is None or run.at("app").word("slug") == "github-actions":
        return None
    message = BuildStatus(
        build_id=run.needed("id"),
        project=body.at("repository").needed("full_name"),
        status=status,
        branch=run.at("check_suite").name("head_branch"),
        commit=run.name("head_sha"),
        url=run.url("details_url", "html_url"),
        duration_seconds=_lasted(run, "started_at", "completed_at", status),
        message=run.line("name"),
    )
    changes = [pull.person("user") for pull in run.items("pull_requests")]
    return Event(people([*changes, body.person("sender")]), message)


def status(body: Payload) -> Event | None:
    """Read a commit status, by which other build systems report."""
    state = _STATES.get(body.word("state"))
    if state is None:
        return None
    commit, branches = body.at("commit"), list(body.items("branches"))
    context, text = body.line("context") or "default", body.line("description")
    message = BuildStatus(
        build_id=f"{context}@{body.needed('sha')[:40]}"[-256:],
        project=body.at("repository").needed("full_name"),
        status=state,
        branch=branches[0].name("name") if branches else None,
        commit=body.needed("sha"),
        url=body.url("target_url") or commit.url("html_url", "url"),
        message=f"{context}: {text}" if text else context,
    )
    author = commit.at("author")
    wrote = [author.person(), author.person(login="username"), commit.person("commit", "author")]
    return Event(people([*wrote, body.person("sender")]), message)


def pull_request(body: Payload) -> Event | None:
    """Read that a review is asked for, or that a pull request was merged or closed."""
    pull, action, sender = body.at("pull_request"), body.word("action"), body.person("sender")
    author = pull.person("user")
    if action == "review_requested":
        reviewer = body.person("requested_reviewer")
        if not reviewer:  # a team, whose members are not told
            return None
        return Event(people([reviewer], but=sender), review_of(body, "requested", reviewer), sender)
    if action != "closed":
        return None
    reviewers = [reviewer.person() for reviewer in pull.items("requested_reviewers")]
    done: Action = "merged" if pull.flag("merged") else "closed"
    return Event(people([author, *reviewers], but=sender), review_of(body, done, sender), sender)


def pull_request_review(body: Payload) -> Event | None:
    """Read what a reviewer says: approved, changes requested, or a comment."""
    review, author = body.at("review"), body.at("pull_request").person("user")
    said = _REVIEWS.get(review.word("state").lower())
    if body.word("action") != "submitted" or said is None:
        return None
    reviewer = review.person("user")
    message = review_of(body, said, reviewer, review.text("body"), review.url("html_url"))
    return Event(people([author], but=reviewer), message, reviewer)


def issue_comment(body: Payload) -> Event | None:
    """Read a comment on a pull request; comments on issues are not told."""
    issue, comment = body.at("issue"), body.at("comment")
    if body.word("action") != "created" or not (issue.at("pull_request") or body.flag("is_pull")):
        return None
    speaker, author = comment.person("user"), issue.person("user")
    message = _review(body, issue, author, "commented", speaker, comment.text("body"), comment.url("html_url"))
    return Event(people([author], but=speaker), message, speaker)


EVENTS: Final[dict[str, Callable[[Payload], Event | None]]] = {
    "push": push,
    "workflow_run": workflow_run,
    "check_run": check_run,
    "status": status,
    "pull_request": pull_request,
    "pull_request_review": pull_request_review,
    "issue_comment": issue_comment,
}
"""The kinds of events that are told."""


def review_of(
    body: Payload, action: Action, reviewer: Person, comment: str | None = None, url: str | None = None
) -> CodeReview:
    """Write what happened to a pull request."""
    pull = body.at("pull_request")
    return _review(body, pull, pull.person("user"), action, reviewer, comment, url)


def name_of(login: str) -> str:
    """Return a login, or what stands for one that isn't told (a deleted account)."""
    return Payload({"login": login}).name("login") or "unknown"


def _review(
    body: Payload, pull: Payload, author: Person, action: Action, reviewer: Person, comment: str | None, url: str | None
) -> CodeReview:
    return CodeReview(
        review_id=pull.needed("number"),
        repository=body.at("repository").needed("full_name"),
        title=pull.line("title"),
        action=action,
        author=name_of(author.login),
        reviewer=name_of(reviewer.login) if reviewer.login else None,
        url=url or pull.url("html_url"),
        comment=comment,
    )


def _run_status(run: Payload) -> Status | None:
    state = run.word("status")
    if state == "completed":
        return _CONCLUSIONS.get(run.word("conclusion"))
    if state == "in_progress":
        return "running"
    return "queued" if state in ("queued", "requested", "waiting", "pending") else None


def _lasted(run: Payload, began: str, ended: str, status: Status) -> float | None:
    return None if status == "queued" else duration(run, began, ended)
