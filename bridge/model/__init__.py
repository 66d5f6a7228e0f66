"""Frozen data and pure rules: what an application, a delivery and a counterpart are, and how they may move.

Nothing here reads a clock, a file, a setting or the network. Import from the module itself.
"""
