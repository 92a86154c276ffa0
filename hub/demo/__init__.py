"""The demo: real work through all adapters, so that every channel has something to say.

Nothing in it is invented: what is published is what the work took, found or did.
"""
