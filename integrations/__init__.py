"""Adapters: each turns the real events of one source into publications.

An adapter is a module or a package of its own here. It knows `channels`, `channels.ports`, `channels.model` and
`channels.messages`, and nothing else of ours: not the hub, and no other adapter. `hub.wiring` starts those that the
configuration names, so a hub without any adapter is a complete hub.
"""
