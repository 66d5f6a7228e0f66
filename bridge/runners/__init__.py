"""Runners: who turns the pumps, and when. `embedded` is one process with nothing else; a distributed one may join."""
