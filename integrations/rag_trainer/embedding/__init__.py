"""Models that turn text into vectors: one on this machine, or an OpenAI-compatible endpoint."""
