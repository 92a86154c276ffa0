"""GitLab's webhooks: signed over id, time and body by a signing token, or with a secret token that comes along."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from channels.messages import BuildStatus, CodePush, CodeReview
from integrations.forges.delivery import Delivery, Event, Person, people
from integrations.forges.github import Action, Status, name_of
from integrations.forges.payload import Payload, branch_of, is_nothing
from integrations.forges.signatures import SIGNING_TOKEN, check_signed_time, check_token

_STATUSES: Final[dict[str, Status]] = {
    "created": "queued",
    "waiting_for_resource": "queued",
    "preparing": "queued",
    "pending": "queued",
    "running": "running",
    "success": "success",
    "failed": "failure",
    "canceled": "cancelled",
}
"""Of pipelines. `skipped`, `manual` and `scheduled` are not told: nothing is being built."""

_ACTIONS: Final[dict[str, Action]] = {
    "approved": "approved",
    "approval": "approved",
    "merge": "merged",
    "close": "closed",
}
"""Actions of a merge request. `approval` is one of several approvals that are needed, `approved` the last."""


def check(headers: Mapping[str, str], body: bytes, secret: str, now: float) -> None:
    """Check the signature, when `secret` is a signing token; else the secret token.

    Raises:
        Unsigned, Forged: see `integrations.forges.signatures`.
    """
    if secret.startswith(SIGNING_TOKEN):
        check_signed_time(headers, body, secret, now)
    else:
        check_token(headers.get("x-gitlab-token", ""), secret)


def delivery_id(headers: Mapping[str, str]) -> str:
    """Return the id, which is the same when GitLab tries again. The signed one, where there is one."""
    names = ("webhook-id", "idempotency-key", "x-gitlab-event-uuid")
    return next((headers[name] for name in names if headers.get(name)), "")


def read(id: str, _headers: Mapping[str, str], body: Payload) -> Delivery:
    """Read a signed body.

    Raises:
        Malformed: it isn't what GitLab documents.
    """
    kind = body.needed("object_kind")
    reader = _EVENTS.get(kind)
    events = tuple(reader(body)) if reader is not None else ()
    repository = body.at("project").name("path_with_namespace") or ""
    pushed = next((event.message.commit for event in events if isinstance(event.message, CodePush)), "")
    return Delivery(id, kind, repository, events, pushed)


def _push(body: Payload) -> Iterator[Event]:
    branch, after, before = branch_of(body.word("ref")), body.needed("after"), body.name("before")
    if branch is None or is_nothing(after):
        return
    commits = list(body.items("commits"))
    newest = commits[-1] if commits else body.at("commit")
    sender = Person(body.word("user_username"), body.word("user_email"), body.name("user_id") or "")
    message = CodePush(
        repository=_repository(body),
        branch=branch,
        commit=after,
        previous=None if before is None or is_nothing(before) else before,
        commits=body.count("total_commits_count"),
        author=name_of(sender.login or body.word("user_name")),
        title=newest.line("title") or newest.line("message"),
        url=newest.url("url"),
    )
    yield Event(people([sender, *(_author(commit) for commit in commits)]), message)


def _pipeline(body: Payload) -> Iterator[Event]:
    pipeline = body.at("object_attributes")
    status = _STATUSES.get(pipeline.word("status"))
    if status is None:
        return
    message = BuildStatus(
        build_id=pipeline.needed("id"),
        project=_repository(body),
        status=status,
        branch=None if pipeline.flag("tag") else pipeline.name("ref"),
        commit=pipeline.name("sha"),
        url=pipeline.url("url"),
        duration_seconds=pipeline.seconds("duration"),
        message=pipeline.line("name") or body.at("commit").line("title"),
    )
    yield Event(people([_account(body.at("user")), _author(body.at("commit"))]), message)


def _merge_request(body: Payload) -> Iterator[Event]:
    merge, actor = body.at("object_attributes"), _account(body.at("user"))
    author = _author_of_merge(body, merge, actor)
    reviewers = [_account(reviewer) for reviewer in body.items("reviewers")]
    action = merge.word("action")
    if action == "open":
        for reviewer in reviewers:
            yield _told(body, merge, author, "requested", reviewer, [reviewer], actor)
    elif action == "update":
        yield from _review_changes(body, merge, author, actor)
    elif (done := _ACTIONS.get(action)) is not None:
        interested = [author, *reviewers] if done in ("merged", "closed") else [author]
        yield _told(body, merge, author, done, actor, interested, actor)


def _review_changes(body: Payload, merge: Payload, author: Person, actor: Person) -> Iterator[Event]:
    """Read whose review is asked for (again), and who asks for changes, from what an update changed."""
    changes = body.at("changes").at("reviewers")
    before = {reviewer.name("id"): reviewer for reviewer in changes.items("previous")}
    for reviewer in changes.items("current"):
        person, known = _account(reviewer), before.get(reviewer.name("id"))
        if known is None or reviewer.flag("re_requested"):
            yield _told(body, merge, author, "requested", person, [person], actor)
        elif reviewer.word("state") == "requested_changes" != known.word("state"):
            yield _told(body, merge, author, "changes_requested", person, [author], person)


def _note(body: Payload) -> Iterator[Event]:
    note, merge, actor = body.at("object_attributes"), body.at("merge_request"), _account(body.at("user"))
    if note.word("noteable_type") != "MergeRequest" or note.flag("system") or note.word("action") == "update":
        return
    author = _author_of_merge(body, merge, actor)
    yield _told(body, merge, author, "commented", actor, [author], actor, note)


_EVENTS: Final[dict[str, Callable[[Payload], Iterator[Event]]]] = {
    "push": _push,
    "pipeline": _pipeline,
    "merge_request": _merge_request,
    "note": _note,
}
"""The kinds of events that are told."""


def _told(
    body: Payload,
    merge: Payload,
    author: Person,
    action: Action,
    reviewer: Person,
    recipients: list[Person],
    by: Person,
    note: Payload | None = None,
) -> Event:
    message = CodeReview(
        review_id=merge.needed("iid"),
        repository=_repository(body),
        title=merge.line("title"),
        action=action,
        author=name_of(author.login or author.email),
        reviewer=name_of(reviewer.login) if reviewer.login else None,
        url=merge.url("url") if note is None else note.url("url"),
        comment=None if note is None else note.text("note"),
    )
    return Event(people(recipients, but=by), message, by)


def _author_of_merge(body: Payload, merge: Payload, actor: Person) -> Person:
    """Find who wrote a merge request: GitLab tells the number, and the name only if that account stands nearby."""
    number = merge.name("author_id") or ""
    nearby = [actor, *(_account(one) for part in ("assignees", "reviewers") for one in body.items(part))]
    known = next((person for person in nearby if number and person.number == number), None)
    if known is not None:
        return known
    last = _author(merge.at("last_commit"))
    # The last commit is as a rule the author's; but who acts now is not the author, as their number is another.
    return Person("", "" if last.is_same_as(actor) else last.email, number)


def _account(user: Payload) -> Person:
    email = user.word("email")
    return Person(user.word("username"), "" if email.startswith("[") else email, user.name("id") or "")


def _author(commit: Payload) -> Person:
    """Return the author of a commit; the name beside the address is no login."""
    return Person("", commit.at("author").word("email"))


def _repository(body: Payload) -> str:
    return body.at("project").needed("path_with_namespace")
