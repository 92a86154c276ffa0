"""What chat with agents costs: one module for each measurement, on a real PostgreSQL and a hub of its own."""
