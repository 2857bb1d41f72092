"""The registry of service points."""
