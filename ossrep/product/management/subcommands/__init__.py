"""The sub-commands of ``manage.py product``, one module each."""
