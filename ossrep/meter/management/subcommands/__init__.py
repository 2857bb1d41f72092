"""Sub-commands of ``manage.py meter``."""
