"""Pure rules of what is owed: no Django, no clock, no I/O."""
