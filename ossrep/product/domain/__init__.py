"""Pure rules of context ``product``: no database, no clock, no files."""
