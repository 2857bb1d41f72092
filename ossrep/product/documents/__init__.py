"""What this context prints."""
