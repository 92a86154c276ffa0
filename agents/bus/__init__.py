"""Each agent's queue of tasks, and the workers that take from it."""
