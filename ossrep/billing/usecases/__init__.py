"""What context ``billing`` does: one module per verb."""
