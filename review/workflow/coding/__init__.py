"""Studies enter and leave a review; disagreements of coders are settled."""
