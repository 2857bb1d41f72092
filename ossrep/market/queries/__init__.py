"""Reads of context ``market``; they answer with dataclasses."""
