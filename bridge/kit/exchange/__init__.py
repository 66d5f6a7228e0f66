"""Front-end exchange databases (前置库): a target that takes rows instead of calls, on any SQL dialect.

`columns` describes tables as data, `rules` is what an installation says of its database, `fitting` checks rows before
they are written, `statements` makes them SQL, `failures` reads a database's errors as ours, `database` runs them with a
time limit. What does not belong here: which tables a target has, and what a row means.
"""
