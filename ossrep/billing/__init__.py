"""Context billing: what is owed."""
