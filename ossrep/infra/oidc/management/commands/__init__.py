"""Commands of the sign-in provider."""
