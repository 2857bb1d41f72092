"""What this context does: one module for each verb."""
