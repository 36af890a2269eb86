"""Which endpoints the tests send requests to, read from the code of the tests without running it."""
