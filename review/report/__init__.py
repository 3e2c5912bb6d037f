"""The HTML report: consumes results and computes nothing."""

from __future__ import annotations

from review.report.assemble import Report, build_report

__all__ = ["Report", "build_report"]
