"""Reads of context ``meter``."""
