"""Vector search: stores behind one port, searches that say on `vector_search` how they go, and recall that is measured.

The front is `search.ObservedSearch` for code that is new, and `client.observe` for code that has an `AsyncQdrantClient`
already. This package itself imports nothing, so that a hub loads no database's client that it doesn't use.
"""
