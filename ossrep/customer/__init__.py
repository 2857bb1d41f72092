"""Context customer: who buys."""
