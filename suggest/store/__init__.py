"""The database: tables, migrations and the two kinds of session (read, write)."""
