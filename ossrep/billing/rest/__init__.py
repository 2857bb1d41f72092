"""What this context answers over HTTP."""
