"""Sub-commands of ``manage.py customer``, a module each."""
