"""``manage.py bill``."""
