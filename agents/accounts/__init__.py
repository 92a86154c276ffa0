"""Who the users are: accounts, their passwords and refresh tokens, and the scope that a token gives."""
