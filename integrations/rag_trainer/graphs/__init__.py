"""Stores for works and what depends on what: a SQLite file, or Neo4j."""
