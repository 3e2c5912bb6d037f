"""Statistics in sentences: what is found, what the arithmetic says, and nobody accused falsely."""

import pytest
from scipy import stats

from review.workflow.audit import audit_sentences
from review.workflow.audit.claim import Verdict
from review.workflow.audit.text_signs import plain_signs_of
from review.workflow.audit.text_strings import find_strings


def records(text):
    return [f.record for f in find_strings(plain_signs_of(text))]


T = {"statistic": "t", "value": "2.20", "df1": "28", "p": "= .036"}
F = {"statistic": "F", "value": "4.30", "df1": "1", "df2": "28", "p": "= .047"}
CHI = {"statistic": "chi2", "value": "4.30", "df1": "1", "p": "= .04"}
OR = {"measure": "OR", "estimate": "2.10", "ci_low": "0.95", "ci_high": "4.64", "ci_level": "95"}


@pytest.mark.parametrize(
    ("text", "record"),
    [
        ("t(28) = 2.20, p = .036", T),
        ("*t*(28) = 2.20, *p* = .036", T),
        ("$t(28)=2.20$, $p=.036$", T),
        ("t(28) =\n2.20, p =\n.036", T),
        ("t\u2009(28)\u2009=\u20092.20,\u00a0p\u202f=\u202f.036", T),
        ("t [28] = 2.20; P=.036", T | {"p": "= .036"}),
        ("t28 = 2.20, p = .036", T),
        ("t = 2.20, df = 28, p = .036", T),
        ("t = 2.20 (28 df, p = .036)", T),
        ("t(28) = 2.20, d = 0.41, 95% CI [0.02, 0.80], p = .036", T),
        ("t(28) = \u22122,20, p = 0,036", T | {"value": "-2.20", "p": "= 0.036"}),
        ("t(1,234) = 2.20, p = .028", T | {"df1": "1234", "p": "= .028"}),
        ("t(28) = 2.20, P = 0\u00b7036", T | {"p": "= 0.036"}),
        ("t(28) = 2.20, p = 3.6 × 10⁻²", T | {"p": "= 3.6e-2"}),
        ("F(1, 28) = 4.30, MSE = 2.3, p = .047, ηp² = .13", F),
        ("F1,28 = 4.30, p = .047", F),
        ("F = 4.30; df = 1, 28; p = .047", F),
        ("F(1; 28) = 4,30; p = ,047", F),
        ("χ²(1, N = 90) = 4.30, p = .04", CHI | {"n": "90"}),
        ("χ2(1) = 4.30, p = .04", CHI),
        ("X2 (1) = 4.30, p = .04", CHI),
        ("chi-square(1) = 4.30, p = .04", CHI),
        ("\\chi^{2}(1) = 4.30, p = .04", CHI),
        ("χ²₁ = 4.30, p = .04", CHI),
        ("H(1) = 4.30, p = .04", CHI),
        ("Z = 2.33 (P = 0.02)", {"statistic": "z", "value": "2.33", "p": "= 0.02"}),
        ("r(28) = .36, p = ns", {"statistic": "r", "value": ".36", "df1": "28", "p": "ns"}),
        ("rs = .36, n = 30, n.s.", {"statistic": "rho", "value": ".36", "n": "30", "p": "ns"}),
        ("OR 2.10 (95% CI 0.95 to 4.64; P = .01)", OR | {"p": "= .01"}),
        ("OR, 2.10 [95% CI, 0.95-4.64]", OR),
        ("OR = 2.10, 95% CI [0.95, 4.64], p = .01", OR | {"p": "= .01"}),
        ("OR 2,10 (95 % KI 0,95–4,64; p = 0,01)", OR | {"p": "= 0.01"}),
        (
            "odds ratio (OR), 2.10; 95% confidence interval [CI], 0.95 to 4.64; P=.01",
            OR | {"measure": "odds ratio", "p": "= .01"},
        ),
        ("23/45 (51.1%)", {"k": "23", "n": "45", "percent": "51.1", "of": "/"}),
        ("51% (23 of 45)", {"k": "23", "n": "45", "percent": "51", "of": "of"}),
        ("23 of the 45 patients (51%)", {"k": "23", "n": "45", "percent": "51", "of": "of"}),
        ("b = 0.35, SE = 0.10, p = .001", {"estimate": "0.35", "se": "0.10", "p": "= .001"}),
    ],
)
def test_a_string_is_read(text, record):
    assert records(f"As expected, {text}.") == [record]


@pytest.mark.parametrize(
    "text",
    [
        "r2 = .36, p < .001",  # a square has another distribution
        "t1 = 0.5 h, 12/2020 (45%), 140/90 (50%)",
        "P values of p < 0.05 were considered significant",
        "HR 0.72 and p = .01 for interaction",
        "the X-ray = 2, p(a) = 3",
    ],
)
def test_what_is_no_string_of_its_own_accuses_nobody(text):
    assert not audit_sentences(text).failed


def verdicts(text):
    return [(c.verdict, c.note) for c in audit_sentences(text).claims if c.check == "p-value"]


@pytest.mark.parametrize(
    ("text", "verdict", "note"),
    [
        ("t(28) = 2.20, p = .036.", "confirmed", ""),
        ("t(28) = 2.20, p = .063.", "inconsistent", "different sides of 0.05"),
        ("z = 1.90, p = .05.", "rounding", "only rounding explains it"),
        ("t(28) = 4.20, p = .000.", "rounding", "p < 0.001 is meant"),
        ("t(28) = 4.20, p < .000.", "impossible", "above 0"),
        ("The difference is clear (p = .000).", "rounding", "p < 0.001 is meant"),
        ("t(28) = 2.20, p = 1.2.", "impossible", "between 0 and 1"),
        ("t(28) = 2.20, p = .018.", "inconsistent", "a one-sided test gives it"),
        ("t(28) = 2.20, p = .018, one-tailed.", "consistent", "one-sided"),
        ("We used one-sided tests. As said, t(28) = 2.20, p = .018.", "cannot be checked", "one-"),
        ("t(28) = 2.20, Bonferroni-corrected p = .109.", "consistent", "correction"),
        ("Tukey tests followed. So, t(28) = 2.20, p = .09.", "cannot be checked", "correction"),
        ("F(2, 56) = 3.90, p = .040 (Greenhouse-Geisser).", "consistent", "sphericity"),
        ("F(2, 56) = 3.90, p = .040.", "inconsistent", ""),
        ("Welch's t(28) = 2.20, p = .041.", "consistent", "Welch"),
        ("t(27.6) = 2.20, p = .036.", "confirmed", ""),
        ("t(28) = 2.20, p = .028.", "cannot be checked", "p-value of a z"),
        ("z = 2.10, p = .045.", "cannot be checked", "a t on about"),
        ("r(30) = .36, p = .051.", "consistent", "number of points"),
        ("F(1, 28) < 1, ns.", "consistent", ""),
        ("F(1, 28) < 1, p = .03.", "inconsistent", ""),
        ("t = 2.20, p = .0001.", "inconsistent", "no degrees of freedom"),
        ("OR 2.10 (95% CI 0.95 to 4.64; P = .01).", "inconsistent", "different sides"),
        ("RR 1.5; 95% CI 1.1–2.0; p = 0.60.", "inconsistent", "different sides"),
        ("HR 0.72 (95% CI 0.55-0.94; log-rank P = .03).", "consistent", "Student"),
        ("b = 0.35, SE = 0.10, p = .20.", "inconsistent", ""),
        ("b = 0.35, SE = 0.10, p = .001.", "consistent", ""),
        ("U = 123, p = .04.", "cannot be checked", "sizes"),
    ],
)
def test_the_verdict_and_its_explanation(text, verdict, note):
    ((found, said),) = verdicts(text)
    assert (found.value, note in said) == (verdict, True), said


def test_q_and_i2_of_a_sentence_belong_together():
    claims = audit_sentences("Q(11) = 24.53, p = .01, I² = 78.9%").claims
    assert [c.verdict.value for c in claims] == ["inconsistent", "confirmed"]
    assert "55.157" in claims[0].computation
    forest = "Tau² = 0.03; Chi² = 24.53, df = 11 (P = 0.01); I² = 55%"
    assert not audit_sentences(f"Heterogeneity: {forest}").failed


def test_a_coefficient_beside_its_t():
    claims = audit_sentences("b = 0.35, SE = 0.10, t(28) = 4.50, p < .001").claims
    assert [(c.check, c.verdict) for c in claims] == [
        ("statistic", Verdict.INCONSISTENT), ("p-value", Verdict.CONFIRMED),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("23/45 (52%)", 1),
        ("23/45 (51%), 45% (9/20), 1 of 3 trials (33%)", 0),
        ("20 of 30 days (75%)", 0),  # may be of something else: open
        ("MD 2.3 (95% CI 3.1 to 1.5)", 0),  # minus signs that a text lost
        ("HR 2.3 (95% CI 3.1 to 3.5)", 1),
        ("sensitivity 93% (95% CI 95–97%)", 1),
        ("sensitivity 93% (95% CI 0.88–0.97)", 0),
        ("M = 3.44, SD = 2.46, n = 18", 0),  # whole numbers are not known to be meant
        ("median 45 years (IQR 50–60)", 1),
    ],
)
def test_other_numbers_of_sentences(text, failed):
    assert len(audit_sentences(text).failed) == failed


def test_a_finding_quotes_its_string_and_names_the_line():
    (claim,) = audit_sentences("First.\nThen (t(28) =\n2.20, p = .063) it was.").claims
    assert claim.quote == "t(28) = 2.20, p = .063"
    assert claim.source == "text, line 2"


def test_what_was_found_and_what_stands_alone_is_said():
    report = audit_sentences("t(28) = 2.20, p = .036; 9/20 (45%); later p = .01 and p < .05")
    assert "1 test statistic and 1 count with its percentage" in report.notes[0]
    assert "2 p-values without" in report.notes[1]


def test_correct_strings_of_all_kinds_are_never_accused():
    """A second method: p from scipy.stats, printed with two or three digits."""
    texts = []
    for i in range(1, 120):
        x, df = 0.13 * (i % 31), 3 + i
        for p, string in (
            (2 * stats.t.sf(x, df), f"t({df}) = {x:.2f}"),
            (stats.f.sf(x, 2, df), f"F(2, {df}) = {x:.2f}"),
            (stats.chi2.sf(x, 1 + i % 7), f"χ²({1 + i % 7}) = {x:.2f}"),
            (2 * stats.norm.sf(x), f"z = {x:.2f}"),
        ):
            shown = "p < .001" if p < 0.001 else f"p = {p:.3f}".replace("0.", ".", 1)
            texts.append(f"{string}, {shown}.")
    report = audit_sentences("\n".join(texts))
    assert len(report.claims) == len(texts)
    assert not report.failed


@pytest.mark.parametrize(
    "text",
    [
        "grade 3/4 (12%) toxicity", "ECOG 0/1 (80%)", "CIN 2/3 (30%)", "HPV 16/18 (70%)",
        "Visual acuity 20/40 (35%)", "visual acuity 20/200 (3%)", "BRCA1/2 (5%)",
        "Scores of 8/10 (15%)", "Kaplan-Meier estimates at 2 years: 12/80 (18%)",
        "45/300 (17%, weighted)", "OR 0.40 (95% CI -0.10 to 0.90)", "OR -2.1 (95% CI -3 to -1)",
    ],
)  # fmt: skip
def test_labels_weighted_shares_and_logarithms_are_not_accused(text):
    from review.workflow.audit import Verdict

    claims = audit_sentences(text).claims
    assert not [c for c in claims if c.failed], text
    assert not [c for c in claims if c.verdict is Verdict.CONSISTENT], text


def test_a_wrong_share_of_a_group_is_still_found():
    assert [c.failed for c in audit_sentences("23/145 (52%) improved").claims] == [True]
