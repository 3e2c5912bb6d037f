"""Records of searches: how they are read, linked and counted."""
