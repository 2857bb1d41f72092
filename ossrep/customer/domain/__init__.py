"""Rules of context ``customer``: no Django, no clock, no I/O."""
