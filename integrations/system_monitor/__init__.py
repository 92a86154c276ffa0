"""What the hub knows of itself, on `system_alerts`: its numbers on a timer, and alerts when one crosses a bound."""
