"""Commands of context ``billing``."""
