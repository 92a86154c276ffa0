"""Socket.IO 5 over Engine.IO 4, as `socket.io-client` 4 speaks it: another language for the same sessions and channels.

A packet becomes a command of the plain protocol, and a message becomes a packet. What lies below (authorisation,
limits, recovery, fan-out, the slow-client rule) is that of every connection.
"""
