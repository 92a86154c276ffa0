"""The RAG trainer: documents go through fourteen stages into an index that can be asked, and say how far they are.

The front is `trainer.BldrRAGTrainer`. This package itself imports nothing, so that a hub loads no document reader and
no model that it doesn't use. What the stages hand on is in `results`, what they stand on in `ports`.
"""
