"""Staff sign in to the admin at an OpenID provider: the embedded one, Keycloak, any other.

mozilla-django-oidc leads there and back (state, nonce, PKCE with S256); tokens are judged by the
same rules as those of the API, and the roles in the access token choose the groups.
"""
