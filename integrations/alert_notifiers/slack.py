"""Slack, by an incoming webhook: a message of Block Kit.

The webhook's URL is the whole secret: who has it can post. Texts are escaped, so that an alert can neither mention
`<!channel>` nor show a link under another name.
"""

from __future__ import annotations

from typing import Any, Final

import orjson

from channels.messages import SystemAlert
from integrations.alert_notifiers.http_post import HttpPost
from integrations.alert_notifiers.notice import Notice, facts, headline, rest, title

_SECTION: Final = 3_000
"""Characters of a section's text that Slack takes."""

_FACTS: Final = 30
"""Facts of an alert that are shown; the labels of a well-kept alert are far fewer."""

_FALLBACK: Final = 300
"""Characters of the text that is shown where blocks can't be: on a lock screen."""

_SIGNS: Final = {"info": ":information_source:", "warning": ":warning:", "critical": ":rotating_light:"}
_RESOLVED: Final = ":white_check_mark:"


class SlackNotifier:
    """Posts to one channel of Slack.

    Args:
        url: of the incoming webhook; a secret.
    """

    each = False

    def __init__(self, url: str) -> None:
        self._post = HttpPost(url)
        self.open = self._post.open
        self.close = self._post.close

    async def send(self, notice: Notice) -> None:
        """Post one message."""
        await self._post.send(orjson.dumps(message_of(notice)), {"Content-Type": "application/json"})


def message_of(notice: Notice) -> dict[str, Any]:
    """Return the message's JSON."""
    blocks = [_section(_text_of(alert, notice.acknowledged)) for alert in notice.alerts]
    if more := " ".join(rest(notice)):
        blocks.append(_section(escape(more)))
    return {"text": _cut(escape(title(notice)), _FALLBACK), "blocks": blocks, "unfurl_links": False}


def escape(text: str) -> str:
    """Escape Slack's three control characters."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _text_of(alert: SystemAlert, acknowledged: bool) -> str:
    sign = _RESOLVED if alert.status == "resolved" else _SIGNS[alert.severity]
    lines = [f"{sign} *{escape(headline(alert, acknowledged))}*", escape(alert.summary)]
    known = list(facts(alert).items())
    lines += [f"• {escape(name)}: {escape(value)}" for name, value in known[:_FACTS]]
    if len(known) > _FACTS:
        lines.append(f"• and {len(known) - _FACTS} more labels")
    return "\n".join(lines)


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": _cut(text, _SECTION)}}


def _cut(text: str, most: int) -> str:
    """Return at most so many characters, and no half of an escaped one."""
    if len(text) <= most:
        return text
    kept = text[: most - 3]
    start = kept.rfind("&", len(kept) - 4)
    return f"{kept[:start] if start >= 0 and ';' not in kept[start:] else kept}..."
