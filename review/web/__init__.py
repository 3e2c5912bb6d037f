"""The review in the browser: a server on this computer alone, over the same functions and files."""
