"""Commands of context ``meter``."""
