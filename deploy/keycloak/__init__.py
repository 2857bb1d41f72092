"""A real Keycloak with the realm of OSSREP, for tests and a developer's machine."""

from deploy.keycloak.node import KeycloakNode, KeycloakUnavailable, RealmSettings, fetch

__all__ = ["KeycloakNode", "KeycloakUnavailable", "RealmSettings", "fetch"]
