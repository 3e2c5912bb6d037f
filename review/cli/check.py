"""`review check`."""
def check() -> None:
    """Check."""
