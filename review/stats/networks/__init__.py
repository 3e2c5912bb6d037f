"""Network meta-analysis: several treatments, compared directly and through each other."""
