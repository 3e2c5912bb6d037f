"""The literature of the methods: sections name what they used by key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Reference:
    """A publication.

    Attributes:
        text: authors, title, source and year.
        doi: without a resolver address; empty when there is none.
    """

    text: str
    doi: str = ""


REFERENCES: Final[dict[str, Reference]] = {
    "page2021": Reference(
        "Page MJ, McKenzie JE, Bossuyt PM, et al. The PRISMA 2020 statement: an updated guideline "
        "for reporting systematic reviews. BMJ 2021;372:n71.",
        "10.1136/bmj.n71",
    ),
    "spearman1904": Reference(
        "Spearman C. The proof and measurement of association between two things. American "
        "Journal of Psychology 1904;15:72-101.",
        "10.2307/1412159",
    ),
    "bonett2000": Reference(
        "Bonett DG, Wright TA. Sample size requirements for estimating Pearson, Kendall and "
        "Spearman correlations. Psychometrika 2000;65:23-28.",
        "10.1007/BF02294183",
    ),
    "kruskal1952": Reference(
        "Kruskal WH, Wallis WA. Use of ranks in one-criterion variance analysis. Journal of the "
        "American Statistical Association 1952;47:583-621.",
        "10.1080/01621459.1952.10483441",
    ),
    "dunn1964": Reference(
        "Dunn OJ. Multiple comparisons using rank sums. Technometrics 1964;6:241-252.",
        "10.1080/00401706.1964.10490181",
    ),
    "holm1979": Reference(
        "Holm S. A simple sequentially rejective multiple test procedure. Scandinavian Journal of "
        "Statistics 1979;6:65-70."
    ),
    "cramer1946": Reference(
        "Cramér H. Mathematical Methods of Statistics. Princeton University Press 1946, ch. 21."
    ),
    "cohen1960": Reference(
        "Cohen J. A coefficient of agreement for nominal scales. Educational and Psychological "
        "Measurement 1960;20:37-46.",
        "10.1177/001316446002000104",
    ),
    "cohen1968": Reference(
        "Cohen J. Weighted kappa: nominal scale agreement with provision for scaled disagreement "
        "or partial credit. Psychological Bulletin 1968;70:213-220.",
        "10.1037/h0026256",
    ),
    "gwet2008": Reference(
        "Gwet KL. Computing inter-rater reliability and its variance in the presence of high "
        "agreement. British Journal of Mathematical and Statistical Psychology 2008;61:29-48.",
        "10.1348/000711006X126600",
    ),
    "krippendorff2011": Reference(
        "Krippendorff K. Computing Krippendorff's alpha-reliability. University of Pennsylvania "
        "2011."
    ),
    "fleiss1971": Reference(
        "Fleiss JL. Measuring nominal scale agreement among many raters. Psychological Bulletin "
        "1971;76:378-382.",
        "10.1037/h0031619",
    ),
    "mcgraw1996": Reference(
        "McGraw KO, Wong SP. Forming inferences about some intraclass correlation coefficients. "
        "Psychological Methods 1996;1:30-46.",
        "10.1037/1082-989X.1.1.30",
    ),
    "bland1986": Reference(
        "Bland JM, Altman DG. Statistical methods for assessing agreement between two methods of "
        "clinical measurement. Lancet 1986;327:307-310.",
        "10.1016/S0140-6736(86)90837-8",
    ),
    "brown2017": Reference(
        "Brown NJL, Heathers JAJ. The GRIM test: a simple technique detects numerous anomalies in "
        "the reporting of results in psychology. Social Psychological and Personality Science "
        "2017;8:363-369.",
        "10.1177/1948550616673876",
    ),
}
