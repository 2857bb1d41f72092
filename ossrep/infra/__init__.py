"""Shared, knows Django: databases and roles, outbox and inbox, service resolution, audit."""
