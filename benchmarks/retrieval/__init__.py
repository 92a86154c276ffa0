"""How well questions find their passages: labelled questions, metrics, `python -m benchmarks.retrieval`."""
