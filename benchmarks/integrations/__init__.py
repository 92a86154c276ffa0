"""What integrations cost who uses them, and how they behave: one module for each measurement."""
