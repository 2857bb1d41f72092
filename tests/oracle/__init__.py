"""A slow, readable reference of the whole bill, in fractions, to compare the fast code with.

Written from the rules and the contract of `docs/formats`, without sight of the code it judges:
nothing here imports `ossrep`. `README.md` lists what was chosen where the documents leave room.
"""
