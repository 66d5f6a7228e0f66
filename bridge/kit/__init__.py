"""Tools for adapter authors: HTTP, mapping tables, code tables, signatures. No rule of one target belongs here."""
