"""What a delivery is made of."""

from __future__ import annotations

from integrations.forges.delivery import Delivery, Person, people


def test_persons_are_the_same_by_any_name() -> None:
    """Login and address in any case, or number; what isn't known makes nobody equal."""
    assert Person("Alice").is_same_as(Person("alice", "a@example.com"))
    assert Person("", "A@example.com").is_same_as(Person("alice", "a@example.com"))
    assert Person("x", number="1").is_same_as(Person("y", number="1"))
    assert not Person("alice").is_same_as(Person("", "alice@example.com"))
    assert not Person().is_same_as(Person())


def test_people_are_told_once() -> None:
    """Nobody twice, nobody unknown, and not who is left out."""
    alice, same, bob = Person("alice", "a@example.com"), Person("", "a@example.com"), Person("bob")
    assert people([alice, same, Person(), bob]) == (alice, bob)
    assert people([alice, same, bob], but=Person("ALICE")) == (same, bob)
    assert people([alice, bob], but=alice) == (bob,)


def test_a_delivery_may_say_nothing() -> None:
    """Of a kind that isn't told."""
    assert (Delivery("i", "ping").events, Delivery("i", "ping").pushed) == ((), "")
