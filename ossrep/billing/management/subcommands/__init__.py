"""The sub-commands of ``manage.py bill``: one module each, found by its name.

A module has ``HELP``, ``add_arguments(parser)`` and ``handle(options, out)``; its name with
hyphens for underscores is the sub-command's.
"""
