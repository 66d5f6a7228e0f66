"""Calls to the system and what comes back of them. INVENTED wire (README.md)."""
