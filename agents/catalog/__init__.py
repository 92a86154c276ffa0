"""The agents that a user has made."""
