"""Reads of context ``customer``; they return dataclasses."""
