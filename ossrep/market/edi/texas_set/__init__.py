"""Texas SET: what the transactions of the Texas retail market mean, as frozen dataclasses."""
