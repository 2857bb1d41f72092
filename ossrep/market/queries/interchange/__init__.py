"""Reads of the mailroom."""
