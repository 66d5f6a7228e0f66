"""Mappings as tables: `table` is the data, `converters` the pairs, `compiled` what runs, `paths` the flat form."""
