"""What agents remember: stored with its source, found by meaning and by words, and the user's to change."""
