"""The migrations: one file per schema version, written by hand, never changed once released."""
