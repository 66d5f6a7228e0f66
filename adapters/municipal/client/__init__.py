"""Calls to the gateway and what comes back of them. INVENTED wire (README.md)."""
