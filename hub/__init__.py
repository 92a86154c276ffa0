"""The hub: a server that pushes publications to browsers and services.

`notify_channel` and `notify_user` are all that code in the same process needs; `hub.wiring.build` and `hub.serve`
make and run a hub.
"""

from hub.notify import notify_channel, notify_user

__all__ = ["notify_channel", "notify_user"]
