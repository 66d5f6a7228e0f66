"""The catalogue: matters, items, registers and forms as data under `schemas/`, and documents checked against them.

Nothing here knows a target or a database. Import from the module itself; `catalogue.Catalogue` is the front.
"""
