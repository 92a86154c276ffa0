"""Several hubs on one port: a supervisor, the workers that it starts, and the Valkey that they share.

The supervisor serves nobody. Each worker is a whole hub in a fresh process; `hub.workers.worker` is its entry.
"""
