"""The flattened formats of service providers: other syntaxes for the same transactions."""
