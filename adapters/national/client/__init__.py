"""Rows in and out of the front-end database: its tables, what a delivery writes, what the quality check says."""
