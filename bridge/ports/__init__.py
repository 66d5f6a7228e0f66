"""Protocols that the engine needs from outside: the store with its units of work, the material files, the directory.

Only protocols and the records that they pass belong here; `bridge.storage` keeps them, `bridge.testing` fakes them.
"""
