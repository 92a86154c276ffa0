"""The PostgreSQL that the hub runs for itself when something needs a database and none is configured."""
