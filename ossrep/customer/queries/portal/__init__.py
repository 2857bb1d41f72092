"""What a customer's call reads: the one place that says which rows are a scope's own.

Every function takes the scope, filters by it, and reads inside ``external``, where row-level
security filters once more. Foreign and absent ids are the same: not there.
"""
