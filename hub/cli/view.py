"""What a person, or a program behind a pipe, sees of a `tail`."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hub.cli.follow import Arrived, Denied, Dismissed, Event, Moving, Noticed, Welcomed
from hub.cli.stream import Gap, Joined, Message, Repeated
from hub.cli.tally import gap, repetition, show
from hub.cli.terminal import Colour, Terminal, visible

_CHANNEL_COLOURS = (Colour.CYAN, Colour.GREEN, Colour.MAGENTA, Colour.YELLOW, Colour.BLUE)


class View:
    """Prints events: publications on standard output, the rest on standard error.

    Args:
        as_json: one JSON object a line, as it came, instead of columns.
    """

    def __init__(self, terminal: Terminal, channels: Sequence[str], as_json: bool) -> None:
        self._terminal = terminal
        self._as_json = as_json
        self._colours = {name: _CHANNEL_COLOURS[i % len(_CHANNEL_COLOURS)] for i, name in enumerate(channels)}
        self._width = max(map(len, channels), default=0)

    def show(self, event: Event, text: str) -> None:
        """Print an event; `text` is the frame that it came in."""
        match event:
            case Arrived(message):
                self._terminal.say(self._line(text) if self._as_json else self._publication(message))
            case Noticed(message):
                self._notice(message, text)
            case Welcomed(message):
                self.tell(f"connected as {message.get('client_id')}{_user(message)}", Colour.GREEN)
            case Joined():
                self.tell(_joined(event), Colour.GREY)
            case Gap():
                self.tell(gap(event), Colour.RED)
            case Repeated():
                self.tell(repetition(event), Colour.RED)
            case Moving(delay, reason):
                self.tell(f"the hub asks for a new connection in {delay:.1f} s: {reason}", Colour.YELLOW)
            case Dismissed(channel, reason):
                self.tell(f"{channel}: the hub ended the subscription: {reason}", Colour.RED)
            case Denied(error, channel, retry):
                again = "" if retry is None else f"; trying again in {retry:.1f} s"
                self.tell(f"{channel or 'hub'}: {error.get('message')} ({error.get('code')}){again}", Colour.RED)

    def tell(self, line: str, colour: Colour = Colour.GREY) -> None:
        """Print a line on standard error."""
        self._terminal.tell(visible(line), colour)

    def _line(self, text: str) -> str:
        if "\n" in text or "\r" in text:
            text = json.dumps(json.loads(text), separators=(",", ":"))
        return visible(text) if self._terminal.interactive else text

    def _publication(self, message: Message) -> str:
        channel = str(message["channel"])
        data = json.dumps(message["data"], ensure_ascii=False, separators=(",", ":"))
        return " ".join(
            (
                self._paint(_time(message), Colour.GREY),
                self._paint(channel.ljust(self._width), self._colours.get(channel, Colour.CYAN)),
                visible(str(message.get("type"))),
                visible(data),
            )
        )

    def _paint(self, text: str, colour: Colour) -> str:
        return self._terminal.paint(visible(text), colour)

    def _notice(self, message: Message, text: str) -> None:
        if message.get("type") != "presence":
            self.tell(f"the token ends in {message.get('seconds')} s", Colour.YELLOW)
        elif self._as_json:
            self._terminal.say(self._line(text))
        else:
            client = message.get("client")
            name = client.get("client_id") if isinstance(client, dict) else None
            what = "joined" if message.get("event") == "join" else "left"
            line = f"{_time(message)} {str(message.get('channel')).ljust(self._width)} {name} {what}"
            self._terminal.say(self._paint(line, Colour.GREY))


def _time(message: Message) -> str:
    """The time of day, UTC, to the millisecond."""
    clock = str(message.get("timestamp", "")).partition("T")[2]
    return f"{clock[:12]}Z" if clock else "-"


def _user(message: Message) -> str:
    """The user, where it isn't the client's own name, as on a hub without tokens."""
    user = message.get("user")
    return f", user {user}" if user and user != message.get("client_id") else ""


def _joined(event: Joined) -> str:
    line = f"{event.channel}: subscribed"
    line += " (no history)" if event.position is None else f" at {show(event.position)}"
    if event.recovered:
        return f"{line}, recovered after {show(event.asked)}: {event.replayed} replayed"
    if event.recovered is False:
        return f"{line}, history doesn't reach back to {show(event.asked)}: {event.replayed} replayed"
    return line
