"""The cells: each a file with `run`, which gives back rows."""
