"""Command lines with hostile options on whole, broken and strange folders; see `tests/fuzz --help`.

Commands and their options are read from the program, so that a new one is run too.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from hostile import Values
from verdicts import Tally, judge

# they open a browser, need one for a minute, or train networks
LEFT_OUT = ("--open", "--pdf", "--help", "--version", "--install-completion", "--show-completion")
CODEBOOK = """
[[variable]]
name = "modality"
type = "category"
vocabulary = ["CT", "MRI", "US"]
[[variable]]
name = "risk"
type = "category"
vocabulary = ["low", "medium", "high"]
ordered = true
[[variable]]
name = "n_images"
type = "integer"
minimum = 0
[[variable]]
name = "auc"
type = "number"
minimum = 0
maximum = 1
[[variable]]
name = "acc"
type = "number"
unit = "%"
[[variable]]
name = "backbones"
type = "list"
open = true
[[variable]]
name = "blinded"
type = "boolean"
[[variable]]
name = "read"
type = "date"
"""
SETTINGS = """title = "Fuzzed"
[[search]]
database = "PubMed"
records = 12
[roles]
size_images = "n_images"
category = "modality"
modality = "modality"
metrics = ["auc", "acc"]
"""
STUDIES = """study_id,first_author,year,title,modality,risk,n_images,auc,acc,backbones,blinded,read
a,Lee,2019,One,CT,low,100,0.90,91,VGG16;ResNet50,yes,2020-01-01
b,Kim,2020,Two,MRI,high,2000,0.85,88.5,VGG16,no,
c,Park,2021,Three,CT,,50,0.99,,,,2021-05-05
d,Choi,2021,Four,US,medium,,,70,AlexNet,yes,
e,Yoon,2018,Five,MRI,low,999,0.5,50,ResNet50,,
"""
RESULTS = """study_id,role,metric,value,ci_low,ci_high,se,n_test,n_pos,n_neg,tp,fp,fn,tn
a,headline,AUROC,0.90,0.85,0.95,,100,50,50,45,5,5,45
b,headline,auc,0.85,0.80,0.90,,200,100,100,,,,
c,headline,auc,0.99,,,0.01,50,25,25,,,,
d,headline,sens,0.80,,,,40,20,20,16,,4,
e,comparison,MAE,0.2,,,,,,,,,,
"""
CODING = "study_id,modality,risk,n_images,auc,backbones,blinded\n"
EFFECTS = "study,yi,vi,sei,g,ai,bi,ci,di,auc,se,acc,n\n"
WHERE = (
    'modality == "CT"', "auc > 0.8", "n_images < 1e9999999999999999999", 'risk > "low"',
    "blinded", "not known(auc)", "auc > 'x'", "(((", "", "auc is None", "x" * 3000, "n_images == 5",
    'contains(backbones, "VGG")', "year in (2019, 2020)", "backbones == 'VGG16'", "True", "\x00",
)  # fmt: skip
WORDS = (
    "", "a", "b", "zz", "auc", "AUROC", "acc", "sensitivity", "MAE", "modality", "risk", "CT",
    "kim2022", "wang2021", "shtem2021", "tiny", "broken", "nowhere", "/", ".", "..", "effects.csv",
    "hostile.csv", "empty.csv", "all", "0", "1", "-1", "nan", "inf", "1e308", "1e-308", "0.5", "95",
    "REML", "DL", "EE", "knha", "z", "RR", "OR", "SMD", "LOGITAUC", "ACC", "~ year", "year",
    "factor(modality)", "log(n_images)", "csv", "html,json", "html", "json", "xlsx", "x" * 200, "é",
    "\x1b[31m", "a=b", "ai=ai", "title=New study", "year=abc", "auc=91", "egger,begg", "trim-fill",
    "leave-one-out", "gosh", "2020-01-01", "@", "=1+1", "-", "--", "{}", "PROBAST", "QUADAS-2",
    "full_text", "VGG16", "feature_extractor", "6", "6a", "size", "tl", "strict", "headline",
)  # fmt: skip
# what an option usually takes, by its name
LIKELY: dict[str, tuple[str, ...]] = {
    "where": WHERE, "outcome": ("auc", "AUROC", "acc", "sens", "MAE"), "role": ("all", "headline"),
    "level": ("95", "90", "0.95", "99"), "seed": ("1", "7"), "method": ("REML", "DL", "EE", "PM"),
    "test": ("z", "t", "knha", "adhoc"), "to": ("only0", "all"), "tau2": ("pooled", "separate"),
    "by": ("modality", "risk", "g"), "mods": ("n", "yi", "factor(g)", "n + yi", "year", "se"),
    "labels": ("study", "g"), "measure": ("RR", "OR", "LOGITAUC", "ACC", "PLO"),
    "columns": ("all", "study_id,auc", "risk"), "sort": ("auc", "-year", "risk", "-risk"),
    "formats": ("csv", "html", "json", "html,csv,json"), "also": (
        "egger,begg", "leave-one-out", "trim-fill", "pet-peese", "limit,fsn", "selection", "vif",
        "p-curve,tes", "influence,baujat", "cumulative", "permutation", "radial,qq", "orchard"),
    "figure": ("1", "3", "4", "5", "6", "6a", "size"), "table": ("1", "tl"), "theme": ("light",),
    "section": ("meta", "summary", "audit", "studies"), "date": ("2026-01-01",),
    "verdict": ("impossible", "confirmed"), "coders": ("one,two", "one"), "show": ("n", "g"),
    "variable": ("modality", "risk", "auc"), "study": ("a", "b", "c"),
    "names": ("VGG16", "AlexNet"),
    "set": ("modality=CT", "auc=0.9", "title=A study", "first_author=Lee", "risk=low"),
    "n": ("100", "5000"), "classes": ("2", "5"), "modality": ("CT", "MRI"), "bootstrap": ("20",),
    "order": ("n", "yi"), "weights": ("n", "vi"), "yi": ("yi",), "vi": ("vi",), "sei": ("sei",),
    "out": ("out", "out/deep"), "compare": ("nowhere.html",), "unfreeze": ("1", "2"),
    "tool": ("QUADAS-2", "PROBAST"), "reviews": ("tiny", "wang2021"), "most": ("3", "50"),
    "add": ("0.5", "0"), "scale": ("logit", "raw"), "selection": ("all", "strict"),
}  # fmt: skip
# options that go together, before which others are drawn
STARTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "meta": (
        ("--csv", "effects.csv", "--yi", "yi", "--vi", "vi"),
        ("--csv", "hostile.csv", "--yi", "yi", "--sei", "sei"),
        ("--csv", "effects.csv", "--measure", "RR"), ("--csv", "effects.csv", "--measure", "OR"),
        ("--csv", "hostile.csv", "--measure", "RD"),
        ("--csv", "effects.csv", "--measure", "AUC", "--column", "auc=auc", "--column", "se=se"),
        ("--review", "tiny", "--outcome", "auc"), ("--review", "tiny", "--outcome", "sens"),
        ("--review", "wang2021", "--outcome", "accuracy"),
    ),
    "audit": (
        ("--csv", "effects.csv"), ("--csv", "hostile.csv"), ("--text", "hostile.txt"),
        ("--review", "tiny"),
    ),
    "report": (("--review", "tiny"), ("--review", "broken")),
    "analyze": (("--review", "tiny", "--all"), ("--review", "tiny"), ("--review", "broken")),
}  # fmt: skip
CODES = frozenset({0, 1, 2, 130})


class Lines:
    """Makes command lines one after the other."""

    def __init__(self, seed: int, folder: Path) -> None:
        import typer

        from review.cli.main import app

        self.draw, self.tally, self.folder = Values(seed), Tally(), folder
        command: Any = typer.main.get_command(app)
        self.commands: dict[str, list[Any]] = {n: c.params for n, c in command.commands.items()}

    def run(self, n: int) -> Tally:
        """Run n command lines, every command in turn; now and then the folders are made anew."""
        names = list(self.commands)
        for i in range(n):
            if i % 40 == 0:
                self.prepare()
            name = names[i % len(names)]
            arguments = [name, *self.arguments(name)]
            judge(self.tally, " ".join(map(repr, arguments)), lambda a=arguments: self.once(a))
        return self.tally

    def once(self, arguments: list[str]) -> None:
        """Run one command line in this process, the way its entry point does."""
        from review.cli.main import main

        answers = "".join(f"{self.draw.one(WORDS)}\n" for _ in range(5))
        before, sys.stdin = sys.stdin, io.StringIO(answers)
        printed = io.StringIO()
        try:
            with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed):
                main(arguments)
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 0
            self.tally.counts[f"status {code}"] += 1
            if code not in CODES:
                raise RuntimeError(f"status {code}: {printed.getvalue()[-300:]}") from None
        finally:
            sys.stdin = before

    def arguments(self, name: str) -> list[str]:
        """Return arguments and options of a command: all that it needs, some of the others."""
        together = name in STARTS and self.draw.chance(0.75)
        given: list[str] = list(self.draw.one(STARTS[name])) if together else []
        trailing: list[str] = []
        for parameter in self.commands[name]:
            options = [o for o in parameter.opts if o not in LEFT_OUT and o not in given]
            if not options or (together and options[0] in {"--csv", "--review"}):
                continue
            common = options[0] in {"--review", "--csv", "--outcome", "--set"} and not together
            if not options[0].startswith("-"):
                if parameter.required or self.draw.chance(0.6):
                    trailing.append(self.value(parameter.name))
            elif parameter.required or self.draw.chance(0.6 if common else 0.12):
                given.append(options[0])
                if not getattr(parameter, "is_flag", False):
                    given.append(self.value(parameter.name))
        return [*given, *trailing]

    def value(self, name: str) -> str:
        """Return a value for an option or argument: a likely one or any."""
        draw = self.draw
        if name == "review":
            return str(draw.one(("tiny", "tiny", "tiny", "broken", "wang2021", "nowhere")))
        if name in LIKELY and draw.chance(0.75):
            return str(draw.one(LIKELY[name]))
        if name in {"out", "path", "folder", "dir"}:
            return str(draw.one(("out", "out/deep", "new", "tiny", "effects.csv", ".", "\x00")))
        if name in {"csv", "file"}:
            return str(draw.one(("effects.csv", "hostile.csv", "empty.csv", "tiny", "nowhere.csv")))
        return str(draw.one(WORDS))

    def prepare(self) -> None:
        """Make the folders and files anew: a whole review, a broken one, tables of effects."""
        for name in ("tiny", "broken", "out", "new"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        tiny = self.folder / "tiny"
        (tiny / "codings").mkdir(parents=True)
        lines = [",".join(self.cell() for _ in range(7)) for _ in range(4)]
        files = {
            "review.toml": SETTINGS, "codebook.toml": CODEBOOK, "studies.csv": STUDIES,
            "results.csv": RESULTS,
            "codings/one.csv": CODING + "a,CT,low,100,0.9,VGG16,yes\nb,CT,low,100,0.9,VGG16,no\n",
            "codings/two.csv": CODING + "a,CT,low,100,0.9,VGG16,yes\nb,MRI,high,90,,,no\n",
            "searches.csv": "source,date,hits\nPubMed,2020-01-01,12\n",
        }  # fmt: skip
        for name, text in files.items():
            (tiny / name).write_text(text, encoding="utf-8")
        shutil.copytree(tiny, self.folder / "broken")
        name = self.draw.one(tuple(files))
        (self.folder / "broken" / name).write_bytes(self.mangled(files[name].encode()))
        rows = "".join(f"s{i},{','.join(self.cell() for _ in range(12))}\n" for i in range(6))
        (self.folder / "hostile.txt").write_text("t(" + rows + " = 2, p = " + rows, "utf-8")
        (self.folder / "hostile.csv").write_text(EFFECTS + rows + "\n".join(lines), "utf-8")
        plain = "".join(
            f"s{i},{self.draw.rng.normal():.3f},{self.draw.rng.uniform(0.01, 1):.3f},0.2,"
            f"{'ab'[i % 2]},{i},9,3,8,0.8{i},0.05,0.9,50\n"
            for i in range(self.draw.size())
        )
        (self.folder / "effects.csv").write_text(EFFECTS + plain, "utf-8")
        (self.folder / "empty.csv").write_text("", "utf-8")

    def cell(self) -> str:
        """Return the text of one cell."""
        text = str(self.draw.thing())[:60] if self.draw.chance(0.5) else str(self.draw.number())
        return text.replace(",", ";").replace("\n", " ").replace("\x00", "")

    def mangled(self, data: bytes) -> bytes:
        """Return bytes with a few of them changed, cut or repeated."""
        rng = self.draw.rng
        out = bytearray(data)
        for _ in range(int(rng.integers(1, 6))):
            at = int(rng.integers(len(out)))
            what = self.draw.one(("change", "cut", "repeat", "insert"))
            if what == "change":
                out[at] = int(rng.integers(256))
            elif what == "cut":
                del out[at : at + int(rng.integers(1, 40))]
            elif what == "repeat":
                out[at:at] = out[at : at + 60]
            else:
                out[at:at] = self.draw.one(
                    (b"\n", b",", b'"', b"\r", b"\xff\xfe", b"1e999", b"\x00")
                )
            if not out:
                break
        return bytes(out)


def run(n: int, seed: int) -> Tally:
    """Run n command lines."""
    here = Path.cwd()
    os.environ["REVIEW_DEBUG"] = "1"  # so that a defect is raised, with its place
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return Lines(seed, Path(folder)).run(n)
        finally:
            os.chdir(here)
