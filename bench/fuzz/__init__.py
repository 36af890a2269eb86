"""Throws broken input at the gate: whatever it is given, it answers, and with exit code 0, 1 or 2."""
