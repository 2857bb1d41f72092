"""Files that this context gives out."""
