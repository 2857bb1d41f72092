"""A file of the market explained to a person: what it is, what is wrong, what it says."""
