"""How statistics are written in sentences, in APA and Vancouver style, with points or commas."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

Mark = Literal[".", ","]
RELATION: Final = r"(?:<=|>=|[=<>≤≥])"
NAMES: Final = (
    r"(?P<chi>(?:χ|[cC]hi)\s?-?\s?(?:2|squared?)?|[xX]\s?2)|(?P<lost>[cw]\s?2)|"
    r"(?P<t>t)|(?P<F>F)|(?P<z>[zZ])|(?P<rho>r\s?sp?|rho|ρ)|(?P<r>r)|"
    r"(?P<Q>(?:Cochran'?s\s+)?Q(?:\s?(?:[MEBWTmebwt]|between|within|total|model|error)\b)?)|(?P<U>U)|"
    r"(?P<H>H)"
)
MEASURES: Final = (
    r"odds\s+ratios?|risk\s+ratios?|relative\s+risks?|hazards?\s+ratios?|"
    r"(?:incidence\s+)?rate\s+ratios?|prevalence\s+ratios?|"
    r"(?:weighted\s+)?mean\s+differences?|standardi[sz]ed\s+mean\s+differences?|risk\s+differences?|"
    r"[as]?ORs?|[as]?RRs?|[asc]?HRs?|IRRs?|aPR|PR|W?MD|SMD|RD|Hedges'?\s?'?\s?g|Cohen'?s\s+d"
)
SCORES: Final = (
    r"sensitivity|specificity|accuracy|AUC|AUROC|area\s+under\s+the\s+(?:ROC\s+)?curve|"
    r"positive\s+predictive\s+value|negative\s+predictive\s+value|PPV|NPV|precision|recall|prevalence"
)
_CI: Final = r"(?:CI|C\.I\.|CrI|IC|KI|confidence\s+intervals?|credible\s+intervals?)"
_ABBREVIATED: Final = r"(?:\s*[\(\[]\s*(?:CI|CrI)\s*[\)\]])?"


@dataclass(frozen=True, slots=True)
class Patterns:
    """The patterns of texts with one decimal mark."""

    mark: Mark
    head: re.Pattern[str]
    p: re.Pattern[str]
    clause: re.Pattern[str]
    effect: re.Pattern[str]
    coefficient: re.Pattern[str]
    share_after: re.Pattern[str]
    share_before: re.Pattern[str]
    mean: re.Pattern[str]
    median: re.Pattern[str]
    i2: re.Pattern[str]


def number(mark: Mark) -> str:
    """Return the pattern of a number without sign; a mark that is not read leaves no match.

    Example:
        >>> [re.match(number("."), t)[0] for t in ("2.20,", ".03", "28, ")]
        ['2.20', '.03', '28']
        >>> re.match(number("."), "2,20") is None
        True
    """
    if mark == ".":
        grouped = r"\d{1,3}(?:,\d{3})+\.\d+(?!\d|\.\d)"
        return rf"(?:{grouped}|\d*\.\d+(?!\d|\.\d)|\d+(?!\d|[.,]\d))"
    grouped = r"\d{1,3}(?:\.\d{3})+,\d+(?!\d|,\d)"
    return rf"(?:{grouped}|\d*,\d+(?!\d|,\d)|\d+(?!\d|[.,]\d))"


@cache
def patterns(mark: Mark) -> Patterns:
    """Return the patterns for a decimal mark."""
    num = number(mark)
    signed = rf"[-+]?\s?{num}"
    point = r"\.\d+" if mark == "." else r",\d+"
    one = rf"(?:\d{{1,3}}(?:,\d{{3}})+(?=\s*[\)\],;])|\d+(?:{point})?)"
    between = r"\s*[,;/]\s*" if mark == "." else r"\s*(?:;|,(?=\s)|,(?=\d+\s*[\)\]]))\s*"
    df = r"(?:d\.?f\.?\s*\d?\s*=\s*)?"
    total = rf"(?:{between}[nN]\s*=\s*(?P<n>\d{{1,3}}(?:,\d{{3}})+|\d+))?"
    inside = (
        rf"[\(\[]\s*(?:{df}(?P<df1>{one})(?:{between}{df}(?P<df2>{one}))?{total}|"
        rf"[nN]\s*=\s*(?P<only_n>\d+))\s*(?:d\.?f\.?)?\s*[\)\]]"
    )
    index = (
        rf"\s?(?P<sub1>\d+(?:{point})?)(?:\s?[,;]\s?(?P<sub2>\d+(?:{point})?))?(?=\s*{RELATION})"
    )
    head = (
        rf"(?<![A-Za-zα-ωΑ-Ω0-9.'])(?:{NAMES})\s?(?:{inside}|{index})?\s*"
        rf"(?P<rel>{RELATION})\s*(?P<value>{signed})(?!\s?%)"
    )
    sided = r"(?:one|two|1|2)[\s-]?(?:sided|tailed?)"
    p = (
        rf"(?:(?P<before>(?i:{sided}|(?:(?:bonferroni|holm|tukey|fdr|fwe?r?)[\s-])?(?:un)?"
        r"(?:adjusted|corrected)|exact|nominal|(?:stratified\s+)?log[\s-]?rank))\s+)?(?<![A-Za-z])[pP](?P<kind>\s?(?:adj|corr|bonf|fdr|holm|fwe|tukey|perm|exact)"
        rf"[a-z]*\.?)?(?:\s?-?\s?values?)?(?:\s*[\(\[]\s*(?P<sided>{sided})\s*[\)\]])?\s*"
        rf"(?:(?P<rel>{RELATION})\s*(?:(?P<ns>n\.?\s?s\b\.?)|(?P<p>-?{num})"
        rf"(?:\s*[x×]\s*10\s*(?P<power>-\s?\d+)|[eE](?P<exp>-\d+))?)|of\s+(?P<of>{num}))"
        r"|(?P<alone>\b[nN]\.?[sS]\b\.?(?!\s*[=\w]))"
    )
    clause = (
        rf"(?P<name>d\.?f\.?|[nN]|M\s?S\s?[eE]|MSE|SE|S\.E\.|SD|(?:Cohen'?s\s)?[df]|(?:Hedges'?\s?)?g|"
        rf"η\s?[pPG]?\s?2?(?:\s?[pPG])?|ω\s?2?|ε\s?2?|ϵ|r|R\s?2|φ|V|b|B|β|I\s?2|tau\s?2|τ\s?2|OR|BF\w*|"
        rf"partial\s+η\s?2?|{_CI})\s*{RELATION}\s*(?P<number>{signed})"
        rf"(?:{between}(?P<second>\d+(?:{point})?)(?=\s*[\),;]))?\s*(?P<percent>%)?"
        rf"|(?P<df>\d+(?:{point})?)\s*d\.?f\b\.?"
        rf"|\d{{2}}(?:[.,]\d)?\s*%\s*-?\s*{_CI}\s*[=:,]?\s*[\(\[]\s*{signed}\s*(?:,|;|to|-)\s*{signed}"
        r"\s*[\)\]]"
    )
    to = r"\s*(?:to|and|bis|until|;|,|-)\s*"
    level = (
        rf"(?:(?P<level>\d{{2}}(?:[.,]\d{{1,2}})?)\s*%\s*-?\s*(?P<ci>{_CI}){_ABBREVIATED}|"
        rf"(?P<ci2>CI|IC|KI)\s*(?P<level2>\d{{2}})\s*%)"
    )
    limits = rf"[=:,]?\s*(?:of|from|was)?\s*[\(\[]?\s*(?P<low>{signed})\s?%?{to}(?P<high>{signed})"
    effect = (
        rf"(?<![A-Za-z])(?P<measure>{MEASURES}|{SCORES})\b(?:\s*[\(\[]\s*[A-Za-z]{{1,4}}\s*[\)\]])?"
        rf"\s*(?:was|of|is|were|=|:|,)?\s*(?P<value>{signed})(?P<percent>\s?%)?\s*[\(\[,;]?\s*[\(\[]?\s*"
        rf"(?:{level}\s*{limits}|(?<=[\(\[])\s*(?P<low2>{signed})\s*(?:to|-)\s*(?P<high2>{signed})"
        r"(?=\s*[\)\],;]))(?P<shut>\s?%?\s*[\)\]]?)"
    )
    coefficient = (
        rf"(?<![A-Za-zα-ω])(?P<measure>[bB]|β|beta|coefficient|estimate)\s*(?:=|:)\s*(?P<value>{signed})"
        rf"\s*[,;\(]\s*(?:SE|S\.E\.|s\.e\.|standard\s+error)\s*(?:=|:|of)?\s*(?P<se>{num})\s*[\)]?"
    )
    counts = r"(?P<k>\d+)\s*(?:(?P<slash>/)|of|out\s+of)\s*(?:the\s+|all\s+)?(?P<n>\d+)"
    share = rf"(?P<percent>{num})\s?%"
    return Patterns(
        mark=mark,
        head=re.compile(head),
        p=re.compile(p),
        clause=re.compile(clause),
        effect=re.compile(effect),
        coefficient=re.compile(coefficient),
        share_after=re.compile(
            rf"(?<![\w.,/]){counts}(?P<words>(?:\s+[a-z][\w-]*){{0,3}})\s*[\(\[,]\s*{share}"
            r"(?=\s*[\)\];,.](?!\s*\d{2}\s?%\s?CI))"
        ),
        share_before=re.compile(
            rf"(?<![\d.,]){share}\s*[\(\[]\s*(?:n\s*=\s*)?{counts}(?P<words>)\s*[\)\];,]"
        ),
        mean=re.compile(
            rf"(?<![A-Za-z])M\s*=\s*(?P<mean>{signed})\s*[,;\(]\s*SD\s*=\s*(?P<sd>{num})"
            rf"(?:\s*[\),;]*\s*(?:range\s*[:=,]?\s*(?P<min>{signed})\s*(?:to|-)\s*(?P<max>{signed}))?"
            r"\s*[\),;]*\s*[\(]?[nN]\s*=\s*(?P<n>\d+))?"
        ),
        median=re.compile(
            rf"\b[mM]edian\b[^.;\d\(]{{0,40}}?(?P<median>{signed})[a-z ]{{0,12}}[\(\[,]\s*"
            rf"(?P<what>IQR|interquartile\s+range|range)\s*[:=,]?\s*(?P<low>{signed})\s*(?:to|-)\s*"
            rf"(?P<high>{signed})"
        ),
        i2=re.compile(rf"I\s?2\s*(?:=|:|of)?\s*(?P<i2>{num})\s?(?P<percent>%)?"),
    )
