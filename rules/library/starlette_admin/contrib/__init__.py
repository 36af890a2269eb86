"""One administration for each kind of tables."""
