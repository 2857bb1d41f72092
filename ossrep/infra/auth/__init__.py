"""Who calls: tokens of the configured issuers, roles, and what a customer's login may reach."""
