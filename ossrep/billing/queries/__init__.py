"""Reads of context ``billing``."""
