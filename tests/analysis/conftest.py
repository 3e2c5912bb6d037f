from __future__ import annotations

import pytest

from review.analysis_api import Options, find_modules, load_module
from review.project import open_review


@pytest.fixture(name="build", scope="session")
def _build():
    """Build a figure of a review by key."""

    def build(key, review="kim2022", where=None, kind="figure", **options):
        opened = open_review(review).where(where)
        return load_module(find_modules(opened, kind)[key]).build(opened, Options(**options))

    return build


@pytest.fixture(name="other", scope="session")
def _other(tmp_path_factory):
    """A review of another field: other words, other roles, no transfer learning."""
    folder = tmp_path_factory.mktemp("trials")
    (folder / "review.toml").write_text(
        'title = "Trials"\nsample = "trials"\n[roles]\nsize_patients = "n"\nmetrics = ["effect"]\n'
        'modality = "drug"\nsubject = "organ"\n',
        encoding="utf-8",
    )
    (folder / "codebook.toml").write_text(
        "\n".join(
            f'[[variable]]\nname = "{name}"\n{rest}\n'
            for name, rest in (
                ("drug", 'type = "category"\nvocabulary = ["A", "B", "placebo"]'),
                ("organ", 'type = "list"\nopen = true'),
                ("n", 'type = "integer"\nunit = "people"'),
                ("effect", 'type = "number"'),
            )
        ),
        encoding="utf-8",
    )
    rows = ["study_id,first_author,year,title,drug,organ,n,effect"]
    rows += [
        f't{i},"O\'Neil <{i}>",{2000 + i},"</script> trial {i}",{"AB"[i % 2]},'
        f"{'heart;lung' if i % 5 == 0 else 'heart'},{10 * i},{i / 10}"
        for i in range(1, 12)
    ]
    rows += ["zero,Zero,2001,Zero,A,,0,0.4", "none,None,2001,None,,,,"]
    (folder / "studies.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
