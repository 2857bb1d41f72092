"""Accounts of the people who sign in here: opened, changed and closed by themselves."""
