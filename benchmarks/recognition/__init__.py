"""How well the RAG trainer recognises documents: types, outlines, works and values, on texts written for it."""
