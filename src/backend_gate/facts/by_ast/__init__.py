"""Files read by Python's own parser: quick, where the running Python knows the grammar."""
