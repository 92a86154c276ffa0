"""Servers that the hub runs for itself when none is configured: found or started, watched, restarted and ended.

What they have in common; `hub.workers` has Valkey's part of it, `hub.database` PostgreSQL's.
"""
