"""Stores for vectors: in the library's own file, in Qdrant, in a FAISS index."""
