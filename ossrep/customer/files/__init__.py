"""Customer books as files: bytes in, records out, and back."""
