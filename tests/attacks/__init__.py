"""What must fail, counted: every endpoint, method and caller against a book with real bills."""
