"""What Tocsin costs beside its peers: `python -m benchmarks --help`, and README.md here."""
