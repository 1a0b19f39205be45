"""Tables, sessions and migrations of the database."""
