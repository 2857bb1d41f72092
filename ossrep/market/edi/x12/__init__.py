"""X12 004010: delimiters, segments, envelopes and their acknowledgments. Knows no market."""
