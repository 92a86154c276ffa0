"""The agents on the hub: what they are made of, and what they get of it."""
