"""The checker finds what is wrong, and only that: one that can't fail proves nothing."""

from __future__ import annotations

import pytest

from channels.model import Position
from tests.chaos.checker import Rules, check
from tests.chaos.events import Acknowledged, Cut, Diary, Entered, Event, Got, Kept, Told

CHANNEL = "deploys"
LOSSY = Rules(lossy=True)


def at(offset: int, epoch: str = "e1") -> Position:
    return Position(epoch, offset)


def got(*offsets: int, epoch: str = "e1", named: str = "p") -> list[Event]:
    return [Got(at(offset, epoch), f"{named}{offset}") for offset in offsets]


def kept(count: int, epoch: str = "e1", named: str = "p", begin: int = 1) -> dict[str, Kept]:
    return {CHANNEL: Kept(at(count, epoch), {offset: (f"{named}{offset}", None) for offset in range(begin, count + 1)})}


def words(events: list[Event], stream: dict[str, Kept], rules: Rules = LOSSY) -> set[str]:
    return {fault.what for fault in check([Diary("ann", CHANNEL, events)], stream, (), rules)}


FRESH: Event = Entered(None, at(0))


class TestOneClient:
    def test_all_in_order_is_right(self) -> None:
        """With a reconnect in the middle, too."""
        events = [FRESH, *got(1, 2), Cut(1006), Entered(at(2), at(4), True, 2), *got(3, 4, 5)]
        assert words(events, kept(5), Rules()) == set()

    def test_a_loss_is_found_and_named(self) -> None:
        """The verdict names client, channel and both ends of the hole."""
        faults = check([Diary("ann", CHANNEL, [FRESH, *got(1, 2, 5)])], kept(5), ())
        assert [(fault.who, fault.channel, fault.what) for fault in faults] == [("ann", CHANNEL, "lost")]
        assert "offset=2" in faults[0].detail
        assert "offset=5" in faults[0].detail

    @pytest.mark.parametrize(
        ("offsets", "what"),
        [((1, 2, 2, 3), "duplicate"), ((1, 2, 3, 1), "duplicate"), ((1, 3, 2), "out of order")],
    )
    def test_a_repetition_and_a_reversal_are_found(self, offsets: tuple[int, ...], what: str) -> None:
        """Under the same position, at once or later; and a late one that was missing before."""
        assert what in words([FRESH, *got(*offsets)], kept(3), Rules())

    def test_a_publication_under_two_positions_is_found(self) -> None:
        """The broker took a repeated publish for a new one."""
        stream = kept(2)
        stream[CHANNEL].entries[2] = ("p1", None)
        events = [FRESH, Got(at(1), "p1"), Got(at(2), "p1")]
        assert words(events, stream, Rules()) == {"one publication twice", "published twice"}

    def test_a_client_that_stays_behind_is_found(self) -> None:
        """The last publications are lost as well when they never come."""
        assert words([FRESH, *got(1)], kept(2), Rules()) == {"not at the end"}

    def test_a_repetition_after_a_reconnect_is_found(self) -> None:
        """Recovery began too early."""
        events = [FRESH, *got(1, 2), Cut(), Entered(at(2), at(3), True, 2), *got(2, 3)]
        assert words(events, kept(3), Rules()) == {"duplicate"}

    def test_a_hole_after_a_reconnect_is_found(self) -> None:
        """`recovered: true` was not so."""
        events = [FRESH, *got(1), Cut(), Entered(at(1), at(3), True, 1), *got(3)]
        assert words(events, kept(3), Rules()) == {"lost"}

    def test_the_harness_itself_is_checked(self) -> None:
        """A client that asks from elsewhere than where it is would hide a loss."""
        events = [FRESH, *got(1), Cut(), Entered(at(2), at(3), True, 1), *got(3)]
        assert "asked from elsewhere" in words(events, kept(3), Rules())


class TestGaps:
    def test_an_epoch_that_changes_in_silence_is_found(self) -> None:
        """Even where losses are allowed."""
        events = [FRESH, *got(1, 2), *got(1, epoch="e2", named="q")]
        assert words(events, kept(1, "e2", "q")) == {"another epoch, unannounced"}

    def test_an_announced_gap_is_right_where_losses_are(self) -> None:
        """Live, or by `recovered: false` with and without a replay."""
        new = got(1, 2, epoch="e2", named="q")
        assert words([FRESH, *got(1), Told(at(0, "e2")), *new], kept(2, "e2", "q")) == set()
        assert words([FRESH, *got(1), Cut(), Entered(at(1), at(2, "e2"), False, 2), *new], kept(2, "e2", "q")) == set()
        events = [FRESH, *got(1), Cut(), Entered(at(1), at(0, "e2"), False, 0), *new]
        assert words(events, kept(2, "e2", "q")) == set()

    def test_where_nothing_may_be_lost_no_gap_is_right(self) -> None:
        """A hub that always said `recovered: false` would never lie."""
        events = [FRESH, *got(1), Cut(), Entered(at(1), at(2), False, 1), *got(2)]
        assert words(events, kept(2), Rules()) == {"gap, and nothing was lost"}

    def test_a_gap_over_what_is_there_is_found(self) -> None:
        """It must cover what is missing, and no more."""
        events = [FRESH, *got(1), Told(at(2, "e2")), *got(3, epoch="e2", named="q")]
        assert words(events, kept(3, "e2", "q")) == {"gap over what could be had"}
        assert words([FRESH, *got(1), Told(at(3)), *got(4)], kept(4)) == {"gap over what could be had"}

    def test_a_gap_over_what_came_under_the_older_epoch_is_right(self) -> None:
        """It isn't delivered twice only because the epoch is another one."""
        stream = kept(3, "e2")
        stream[CHANNEL].entries[3] = ("q3", None)
        assert words([FRESH, *got(1, 2), Told(at(2, "e2")), *got(3, epoch="e2", named="q")], stream) == set()

    def test_what_came_under_the_older_epoch_must_not_come_again(self) -> None:
        """But in the replay that follows `recovered: false`, which shows the present state."""
        again = got(1, 2, epoch="e2")
        assert words([FRESH, *got(1, 2), Told(at(0, "e2")), *again], kept(2, "e2")) == {"one publication twice"}
        events = [FRESH, *got(1, 2), Cut(), Entered(at(2), at(2, "e2"), False, 2), *again]
        assert words(events, kept(2, "e2")) == set()
        allowed = Rules(lossy=True, repeating=True)
        assert words([FRESH, *got(1, 2), Told(at(0, "e2")), *again], kept(2, "e2"), allowed) == set()

    def test_recovered_in_another_epoch_is_found(self) -> None:
        """Offsets of two epochs can't be compared."""
        events = [FRESH, *got(1), Cut(), Entered(at(1), at(2, "e2"), True, 1), *got(2, epoch="e2", named="q")]
        assert "recovered in another epoch" in words(events, kept(2, "e2", "q"))

    def test_a_replay_that_was_cut_begins_again(self) -> None:
        """Nothing of it had come, so the client is where it was."""
        again = Entered(at(1), at(2, "e2"), False, 2)
        events = [FRESH, *got(1), Cut(), again, Cut(), again, *got(1, 2, epoch="e2", named="q")]
        assert words(events, kept(2, "e2", "q")) == set()


class TestSeveral:
    def test_two_publications_under_one_position_are_found(self) -> None:
        """Also when each client by itself saw nothing wrong."""
        ann = Diary("ann", CHANNEL, [FRESH, *got(1)])
        bob = Diary("bob", CHANNEL, [FRESH, *got(1, named="q")])
        assert "two publications under one position" in {fault.what for fault in check([ann, bob], kept(1), (), LOSSY)}

    def test_what_was_acknowledged_must_be_there(self) -> None:
        """At its position, in its epoch; unless the broker may forget."""
        missing = Acknowledged("pia", CHANNEL, {"p1": at(1), "p9": at(2)})
        other_epoch = Acknowledged("pia", CHANNEL, {"p1": at(1, "e0")})
        for answers in (missing, other_epoch):
            assert {fault.what for fault in check((), kept(1), [answers])} == {"acknowledged, and missing"}
            assert check((), kept(1), [answers], LOSSY) == []

    def test_what_was_accepted_must_be_there(self) -> None:
        """Wherever it is, since no position was promised."""
        answers = Acknowledged("pia", CHANNEL, {"p1": None, "p9": None})
        faults = check((), kept(1), [answers])
        assert [fault.what for fault in faults] == ["accepted, and missing"]
        assert "p9" in faults[0].detail

    def test_the_order_of_a_publisher_is_kept(self) -> None:
        """Who waits for each answer finds its publications in that order."""
        answers = Acknowledged("pia", CHANNEL, {"p2": at(2), "p1": at(1)})
        assert {fault.what for fault in check((), kept(2), [answers])} == {"published out of order"}

    def test_a_publish_that_is_repeated_has_its_first_place(self) -> None:
        """An idempotency key that didn't hold is found even when no client was there."""
        answers = Acknowledged("pia", CHANNEL, {"p1": at(1)}, [("p1", at(2))])
        assert {fault.what for fault in check((), kept(2), [answers])} == {"published again under the same key"}

    def test_a_hole_in_the_broker_is_found(self) -> None:
        """And what it has twice."""
        stream = kept(3)
        del stream[CHANNEL].entries[2]
        assert {fault.what for fault in check((), stream, ())} == {"hole"}


class TestConflation:
    RULES = Rules(conflated=(CHANNEL,))

    def stream(self) -> dict[str, Kept]:
        return {CHANNEL: Kept(at(4), {1: ("p1", "a"), 2: ("p2", "b"), 3: ("p3", "a"), 4: ("p4", "c")})}

    def test_offsets_may_skip_what_was_replaced(self) -> None:
        """The newest of each key is what counts."""
        assert words([FRESH, *got(2, 3, 4)], self.stream(), self.RULES) == set()

    def test_a_key_whose_newest_is_missing_is_found(self) -> None:
        """Skipping is not losing, but this is."""
        assert words([FRESH, *got(1, 3, 4)], self.stream(), self.RULES) == {"lost"}

    def test_what_was_skipped_in_an_older_epoch_is_gone(self) -> None:
        """Offsets of the present one are other publications, and a gap may pass over what had been replaced."""
        old: list[Event] = [Entered(None, at(0, "e0")), Got(at(2, "e0"), "q2"), Told(at(2))]
        assert words([*old, *got(3, 4)], self.stream(), Rules(lossy=True, conflated=(CHANNEL,))) == set()

    def test_order_holds_there_too(self) -> None:
        """Older values never come after newer ones."""
        assert words([FRESH, *got(3, 2, 4)], self.stream(), self.RULES) == {"out of order"}
