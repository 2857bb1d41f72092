"""Validation, estimation, editing: pure rules over arrays of interval days."""
