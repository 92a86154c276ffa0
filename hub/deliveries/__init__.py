"""Delivery records: what a hub can say when somebody asks why a user did not get a message.

Nothing is written per delivery. A session's records say from which position of a channel to which it was subscribed,
and how it ended; what it was sent follows from that.
"""
