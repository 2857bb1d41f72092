"""A real browser, a real server, and a portal on another origin."""
