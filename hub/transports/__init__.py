"""Ways to reach a client: each owns its sockets and nothing else."""
