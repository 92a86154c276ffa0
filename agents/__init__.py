"""A personal team of agents for every user of a hub: accounts, agents, chat sessions, runs, memory and models.

Everything here belongs to one user, and is reached through a `store.scope.Scope` made from that user's token. The hub
is known by the ports alone (`agents.ports`, `channels`); HTTP and wiring are the hub's.
"""
