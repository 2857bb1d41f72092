"""Sub-commands of `manage.py oidc_account`."""
