"""From a question to passages: searches, their fusion, and a second look at what they found."""
