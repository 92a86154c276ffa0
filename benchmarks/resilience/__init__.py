"""What becomes of messages when things break: clients that come and go, a hub that is restarted, a broker that is
killed; and what the way over Redis costs. `python -m benchmarks.resilience` runs it."""
