"""HTTP for users: accounts (`/auth`), and what is a user's own (`/my`)."""
