"""Trainings as jobs: kept on disk, one at a time, in a process of their own."""
