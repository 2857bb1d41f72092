"""Context product: what is sold."""
