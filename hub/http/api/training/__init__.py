"""Training of documents over HTTP, and questions to what was trained."""
