"""Does a value go with another value, or with a category?"""
