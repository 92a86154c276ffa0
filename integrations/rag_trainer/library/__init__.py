"""The library: all trained documents in one SQLite file."""
