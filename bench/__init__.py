"""What is measured: one module for each group of figures; ``python -m bench`` runs them."""
