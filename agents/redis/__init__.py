"""Queues and limits over all processes, on Redis."""
