"""The sub-commands of ``manage.py bill``: one module each, found by its name.

A module has ``HELP``, ``add_arguments(parser)`` and ``handle(options, out)``, where ``out`` is the
command, with ``table``, ``json_line``, ``progress`` and ``stdout``. The module's name with hyphens
for underscores is the sub-command's. ``--reason`` is there for every one of them.
"""
