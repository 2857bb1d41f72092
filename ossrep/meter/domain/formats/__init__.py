"""Readers of interval files: a fast way over arrays for the usual line, a careful one for the rest.

Both ways give the same days (a test compares them), so which one took a line never matters.
"""
