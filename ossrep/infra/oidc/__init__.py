"""The embedded OpenID provider: django-oidc-provider's clients and requests under stricter rules.

Nothing outside this package knows it but by its addresses, its tokens and ``urls``; another
provider replaces it by configuration (``OSSREP_OIDC_ISSUER`` empty, ``OSSREP_ISSUERS``).
"""
