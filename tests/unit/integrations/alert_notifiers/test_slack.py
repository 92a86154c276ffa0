"""Slack: the message, and posting it to a double of Slack."""

from __future__ import annotations

from integrations.alert_notifiers.notice import Notice
from integrations.alert_notifiers.slack import SlackNotifier, escape, message_of
from tests.unit.integrations.alert_notifiers.receivers import alert, receiving


async def test_an_alert_is_a_message_of_blocks() -> None:
    """Posted as JSON to the webhook's URL."""
    async with receiving() as slack:
        notifier = SlackNotifier(slack.url)
        await notifier.open()
        await notifier.send(Notice("i", (alert(),)))
        await notifier.close()
    (came,) = slack.came
    assert (came.path, came.headers["content-type"]) == ("/services/T000/SECRET", "application/json")
    assert came.json == {
        "text": "[FIRING] critical: pool_exhausted",
        "blocks": [
            {
                "type": "section",
                "text": {
                    "type": "mrkdwn",
                    "text": ":rotating_light: *[FIRING] critical: pool_exhausted*\nAll 20 connections are in use\n"
                    "• value: 20\n• threshold: 19\n• started: 2026-11-21 10:15:00 UTC\n• instance: db-1\n• team: data",
                },
            }
        ],
        "unfurl_links": False,
    }


def test_several_alerts_are_several_blocks() -> None:
    """And the last one says what isn't shown."""
    message = message_of(Notice("i", (alert(), alert("b", status="resolved")), more=7, missed=1))
    texts = [block["text"]["text"] for block in message["blocks"]]
    assert message["text"] == "[FIRING] critical: pool_exhausted and 8 more"
    assert texts[1].startswith(":white_check_mark: *[RESOLVED]")
    assert texts[2] == "and 7 more alerts. 1 earlier alert could not be sent."


def test_an_alert_can_not_mention_or_link() -> None:
    """Slack's control characters are escaped wherever an alert's text stands."""
    assert escape("<!channel> & <http://evil.example|bank>") == (
        "&lt;!channel&gt; &amp; &lt;http://evil.example|bank&gt;"
    )
    evil = "<!channel> <http://evil.example|bank>"
    message = message_of(Notice("i", (alert(name=evil, summary=evil, labels={evil: evil}),)))
    assert "<" not in str(message)


def test_a_message_stays_within_slacks_limits() -> None:
    """3,000 characters a section, and no half of an escaped character."""
    labels = {f"{number}{'&' * 200}": "<" * 256 for number in range(64)}
    for length in range(900, 906):
        message = message_of(Notice("i", tuple(alert(summary="&" * length, labels=labels) for _ in range(10))))
        for block in message["blocks"]:
            text = block["text"]["text"]
            assert len(text) <= 3000
            assert text.endswith(("&amp;...", "&lt;...", "..."))
            assert "&" not in text.replace("&amp;", "").replace("&lt;", "")
        assert len(message["blocks"]) <= 50
        assert len(message["text"]) <= 300


def test_endless_labels_are_cut() -> None:
    """30 facts are shown, and how many more there are."""
    labels = {f"label_{number}": "v" for number in range(64)}
    text = message_of(Notice("i", (alert(labels=labels),)))["blocks"][0]["text"]["text"]
    assert text.endswith("• label_26: v\n• and 37 more labels")
