"""What context ``market`` does: one module for each verb."""
