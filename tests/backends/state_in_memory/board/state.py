SIZES = ("small", "large")
NOTES: list[str] = []
