"""Plays ERCOT and the five big TDSPs on files in folders, with code and tables of its own.

It knows nothing of ``market.edi``, so that the two check each other (docs/market/simulator.md).
"""
