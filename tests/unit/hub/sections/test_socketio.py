"""The options of Socket.IO."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.sections.socketio import SocketIoOptions


def test_defaults() -> None:
    """The path that clients have by default; nobody is subscribed unasked."""
    options = SocketIoOptions()
    assert (options.enabled, options.path, options.channels) == (True, "/socket.io/", ())


@pytest.mark.parametrize("wrong", [{"path": "socket.io"}, {"path": "/socket.io"}, {"channels": ["a b"]}, {"x": 1}])
def test_what_can_not_be_is_refused(wrong: dict[str, object]) -> None:
    """A path begins and ends with a slash, as clients write it."""
    with pytest.raises(ValidationError):
        SocketIoOptions.model_validate(wrong)
