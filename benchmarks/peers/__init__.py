"""One small real server each, run as a script; `benchmarks.catalog` says how."""
