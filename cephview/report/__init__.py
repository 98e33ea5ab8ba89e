"""The report of an evaluation: its figures, its pictures, one page and one table of plain values.

Needs neither torch nor a window; a report can be made again from kept values.
"""
