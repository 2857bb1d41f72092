"""The published language: what contexts may know of each other. Pure Python, frozen dataclasses."""
