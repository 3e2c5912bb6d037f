"""What a text says of its tests that explains a p-value: one-sided, corrected, exact, Welch, ..."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_WORDS: Final[dict[str, re.Pattern[str]]] = {
    name: re.compile(pattern, re.IGNORECASE)
    for name, pattern in {
        "one-sided": r"\b(?:one|1|single)[\s-]*(?:sided|tailed?)\b|\bdirectional\b|"
        r"non-?inferiority",
        "corrected": r"bonferroni|\bholm\b|hochberg|benjamini|\bfdr\b|false discovery|\btukey|"
        r"scheff|dunnett|dunn\b|[sš]id[aá]k|newman-keuls|family-?wise|\bfwer?\b|"
        r"multiple (?:comparison|test|correction)|"
        r"(?:corrected|adjusted) (?:for multip|p\b|alpha|α|significance)|"
        r"\bp[\s-]?(?:adj|corr|bonf|fdr|holm|fwe|tukey)|post[\s-]?hoc|cluster[\s-]?level",
        "sphericity": r"greenhouse|geisser|huynh|feldt|sphericity",
        "unequal": r"\bwelch|satterthwaite|kenward|unequal varianc|heteroscedas|sandwich|\bgee\b|"
        r"robust (?:stand|s\.?e|var)|mixed[\s-](?:model|effect)|multi-?level|multiple imputation|"
        r"knapp|hartung|small[\s-]sample",
        "exact": r"permut|bootstrap|monte[\s-]?carlo|resampl|randomi[sz]ation test|"
        r"exact (?:test|p|prob|sign)|fisher'?s? exact|mid-p|\byates|continuity",
        "log-rank": r"log[\s-]?rank|score test|likelihood[\s-]ratio|\bcochran-mantel|"
        r"mantel-?haenszel",
        "weighted": r"kaplan|\bmeier\b|weighted|life[\s-]table|actuarial|imput|"
        r"cumulative (?:incidence|probab)|survey[\s-]",
        "planned": r"group[\s-]sequential|interim|alpha spending|o'?brien|stratified",
    }.items()
}


@dataclass(frozen=True, slots=True)
class Said:
    """Which of these words stand in the sentence (`here`) and elsewhere in the text."""

    here: frozenset[str] = frozenset()
    elsewhere: frozenset[str] = frozenset()

    def where(self, name: str) -> str:
        """Return `here`, `elsewhere` or an empty text."""
        return "here" if name in self.here else "elsewhere" if name in self.elsewhere else ""


def words_in(text: str) -> frozenset[str]:
    """Return the names of what a text says.

    Example:
        >>> sorted(words_in("Welch's t, one-tailed; Bonferroni-corrected"))
        ['corrected', 'one-sided', 'unequal']
    """
    return frozenset(name for name, pattern in _WORDS.items() if pattern.search(text))
