"""Files at the edge of the market: how they come and go."""
