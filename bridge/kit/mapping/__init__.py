"""Mappings as tables.

`table` is the data, `converters` the pairs in it, `compiled` what runs (`reading`, `writing` and `fitting` are its
parts), `paths` the flat form of a payload, `lineage` what a table tells people.
"""
