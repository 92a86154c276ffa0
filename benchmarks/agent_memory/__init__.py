"""What agents remember: how well it is found, and how fast."""
