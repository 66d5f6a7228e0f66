"""Calls to the platform and what comes back of them. INVENTED wire (README.md)."""
