"""What the agents keep in PostgreSQL: tables, migrations, and the one way to a user's data."""
