"""Adapters: each turns the real events of one source into publications.

An adapter is a module or a package of its own here. It knows `channels`, `channels.ports`, `channels.model`,
`channels.messages` and `channels.push`, and nothing else of ours: not the hub, and no other adapter. It serves code in
any process; `hub.adapters` starts in the hub those that the configuration names: a hub without any is a complete hub.
"""
