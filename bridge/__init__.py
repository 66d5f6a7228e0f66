"""Permit Bridge (一次录): one permit application, entered once, reaches every government system that needs it.

Nothing belongs here but the name of the package: import from the room itself (`bridge.engine`, `bridge.contract`, …).
"""
