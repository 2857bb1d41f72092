"""ERCOT's ESI ID extract into the registry of service points."""
