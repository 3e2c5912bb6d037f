"""What a review team does: add, select, settle, audit, pool; from review folders to results."""
