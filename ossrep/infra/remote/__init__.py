"""Published services over HTTP: the same Protocols between processes."""
