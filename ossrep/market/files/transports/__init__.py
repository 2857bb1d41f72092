"""Ways for files between us and partners, behind one interface."""
