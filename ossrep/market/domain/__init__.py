"""Pure rules of context ``market``: no database, no clock, no files."""
