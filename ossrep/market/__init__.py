"""Context market: who delivers."""
