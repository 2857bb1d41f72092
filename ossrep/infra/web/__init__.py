"""What all endpoints share: surfaces, problems, JSON, paging, idempotency."""
