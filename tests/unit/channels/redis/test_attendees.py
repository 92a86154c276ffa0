"""What a process knows of its own sessions."""

from __future__ import annotations

from channels.redis.attendees import Attendees


def test_sessions_are_counted_over_all_channels() -> None:
    """A session that is noted twice is one; a stranger that goes is none."""
    attendees = Attendees()
    for channel in ("a", "b"):
        here = attendees.begin(channel)
        assert attendees.add(here, "s1", b"{}")
        assert not attendees.add(here, "s1", b"other")
        attendees.end(channel, here)
    assert attendees.size == 2
    assert attendees.channels() == ["a", "b"]
    here = attendees.begin("a")
    attendees.drop(here, "stranger")
    attendees.drop(here, "s1")
    attendees.end("a", here)
    assert attendees.size == 1
    assert attendees.channels() == ["b"]


def test_a_channel_stays_while_a_call_about_it_is_under_way() -> None:
    """Then it goes, if nobody is on it."""
    attendees = Attendees()
    first, second = attendees.begin("a"), attendees.begin("a")
    assert first is second
    attendees.end("a", first)
    assert attendees.at("a") is second
    assert attendees.channels() == []
    attendees.end("a", second)
    assert attendees.at("a") is None


def test_what_moves_shows() -> None:
    """Each beginning and end of a call changes `moves`."""
    attendees = Attendees()
    here = attendees.begin("a")
    attendees.add(here, "s1", b"{}")
    moves = [here.moves]
    attendees.end("a", here)
    moves.append(here.moves)
    attendees.begin("a")
    moves.append(here.moves)
    assert len(set(moves)) == 3
    assert here.under_way == 1


def test_doubts_are_bounded() -> None:
    """Those about channels without sessions go first: nobody renews their leases."""
    attendees = Attendees(most_doubtful=3)
    here = attendees.begin("kept")
    attendees.add(here, "s1", b"{}")
    attendees.end("kept", here)
    attendees.doubt(["kept", "a", "b"])
    assert attendees.doubtful == {"kept", "a", "b"}
    attendees.doubt(["c"])
    assert attendees.doubtful == {"kept"}
