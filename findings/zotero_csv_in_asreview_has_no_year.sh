#!/usr/bin/env bash
# asreview==3.0.8 on the CSV that Zotero exports (headings Author, Title, Publication Year, Abstract
# Note, DOI, Url), and on the one of Covidence (Published Year).
#
# Guessed:   the headings of the most used reference manager are known: title, abstract, authors, year.
# Happens:   title, abstract, DOI and URL are read. The authors are an empty list, since only
#            "Authors" is known, and the year is None, since neither "Publication Year" nor
#            "Published Year" is. No error, no warning.
# Output:    zotero: authors [], year None; covidence: two authors, year None
# Why it hurts: the project looks complete, but its export cannot be matched by author and year any
#            more, a filter by year leaves nothing, and the screener sees records without a source.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/python -m pip install --quiet --no-compile --disable-pip-version-check "asreview==3.0.8"

mkdir work
cd work
../env/bin/python -W ignore - <<'PYTHON'
from pathlib import Path

from asreview import load_dataset

Path("zotero.csv").write_text(
    '"Key","Item Type","Publication Year","Author","Title","Publication Title","ISSN","DOI",'
    '"Url","Abstract Note","Date"\n'
    '"K1","journalArticle","2022","Doe, A.; Roe, B.","Networks for scans","A Journal",'
    '"0000-0000","10.1000/a","https://example.org/a","We test networks.","2022-04-13"\n'
)
Path("covidence.csv").write_text(
    "Title,Authors,Abstract,Published Year,Published Month,Journal,DOI,Covidence #,Study\n"
    'Networks for scans,"Doe, A.; Roe, B.",We test networks.,2022,April,A Journal,10.1000/a,#1,Doe 2022\n'
)
got = {}
for name in ("zotero", "covidence"):
    project = load_dataset(f"{name}.csv")
    (record,) = project.input.get_records()
    got[name] = record
    print(name, record.title, record.abstract, record.authors, record.year, record.doi)
    assert record.title == "Networks for scans"
    assert record.abstract == "We test networks."
    assert record.doi == "10.1000/a"
    assert record.year is None
assert got["zotero"].authors == []
assert len(got["covidence"].authors) == 2
PYTHON
echo "as described"
