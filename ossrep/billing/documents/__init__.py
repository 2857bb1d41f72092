"""Documents that a customer reads, from stored rows to pages."""
