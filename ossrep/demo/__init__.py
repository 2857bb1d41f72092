"""Demo: writes the files a retailer would really get, and runs the public commands."""
