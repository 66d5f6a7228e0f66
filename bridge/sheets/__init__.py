"""Applications as tables: templates, the reading of workbooks and CSV, and the error file.

What belongs here: how a form lies in sheets, rows and cells, and what is refused in a cell. What does not: whether a
document is right (`catalogue` says so, through the one entry door of the engine), and storing anything.
"""
