"""The embedded OpenID provider, over HTTP."""
