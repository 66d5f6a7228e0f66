"""Our code for each target, one folder per target, the same names in every folder. How to write one: README.md.

Nothing that two adapters share belongs here: that is `bridge.kit`.
"""
