"""Context meter: what is used."""
