"""Can printed numbers be true together?"""
