"""Files read by libcst: whatever Python runs the gate. Loaded only when Python's own parser does not read one."""
