"""Coverage of the tests, by suite: read, mapped to the tree, and held against the present source."""
