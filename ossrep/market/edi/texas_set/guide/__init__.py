"""The guide engine: tables of segments, compiled once, that read and write transactions.

The tables are ``ossrep/market/edi/guides/*.yaml``; ``docs/market/guides.md`` explains them.
"""
