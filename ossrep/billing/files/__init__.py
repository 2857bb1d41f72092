"""Files that people hand over or take away."""
