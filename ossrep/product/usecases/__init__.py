"""What context ``product`` does: one module for each verb."""
