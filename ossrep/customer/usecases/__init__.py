"""What can be done to customers, accounts, premises and contracts: one module per verb."""
