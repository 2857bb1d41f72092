"""Pure rules of interval data: files as bytes in, arrays out; no database, no clock."""
