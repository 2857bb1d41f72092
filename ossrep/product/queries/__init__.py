"""Reads of context ``product``; they answer with dataclasses."""
