"""The sub-commands of ``manage.py market``, one module each."""
