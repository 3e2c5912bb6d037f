"""Tables of databases and reference managers as studies: headings mean what programs mean.

The headings are those that the programs write, in their order; the rows are made up.
"""

from __future__ import annotations

import pytest

from review.formats.reading import table_from_bytes
from review.project import open_review
from review.workflow.pooling.exported_studies import family_name
from review.workflow.pooling.table_entries import entries_of

WANTED = {
    "first_author": "Kim",
    "year": "2022",
    "title": "Nets for scans",
    "venue": "BMC Imaging",
    "doi": "10.1186/x.1",
}
EXPORTS = {
    "Web of Science": (
        (
            "Publication Type,Authors,Book Authors,Author Full Names,Article Title,"
            "Source Title,Document Type,Author Keywords,Keywords Plus,Abstract,Addresses,"
            "ISSN,eISSN,Journal Abbreviation,Publication Date,Publication Year,Volume,Issue,"
            "Start Page,End Page,Article Number,DOI,DOI Link,UT (Unique WOS ID),Pubmed Id"
        ),
        (
            'J,"Kim, HE; Lee, J",,"Kim, Hee E.; Lee, Jin",Nets for scans,BMC Imaging,Article,'
            "a; b,C,Text,Seoul,1471-2342,,BMC IMAG,APR 13,2022,22,1,,,69,10.1186/x.1,"
            "http://dx.doi.org/10.1186/x.1,WOS:000781,"
        ),
    ),
    "IEEE Xplore": (
        (
            "Document Title,Authors,Author Affiliations,Publication Title,"
            "Date Added To Xplore,Publication Year,Volume,Issue,Start Page,End Page,Abstract,"
            "ISSN,ISBNs,DOI,Funding Information,PDF Link,Author Keywords,IEEE Terms,"
            "Mesh_Terms,Article Citation Count,Publisher,Document Identifier"
        ),
        (
            "Nets for scans,H. E. Kim; J. Lee,Seoul,BMC Imaging,13 Apr 2023,2022,10,1,1,9,"
            "Text,2169-3536,,10.1186/x.1,,,nets,scans,Humans,3,IEEE,IEEE Journals"
        ),
    ),
    "Zotero": (
        (
            "Key,Item Type,Publication Year,Author,Title,Publication Title,ISBN,ISSN,DOI,Url,"
            "Abstract Note,Date,Date Added,Date Modified,Access Date,Pages,Num Pages,Issue,"
            "Volume,Journal Abbreviation,Manual Tags,Automatic Tags,Editor"
        ),
        (
            'ABC,journalArticle,2022,"Kim, Hee E.; Lee, J.",Nets for scans,BMC Imaging,,'
            "1471-2342,10.1186/x.1,,Text,2021-12-30,2026-01-01,2026-01-01,2026-01-01,69-81,,"
            "1,22,BMC,a; b,c,"
        ),
    ),
    "Covidence": (
        (
            "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,"
            "Pages,Accession Number,DOI,Ref,Covidence #,Study,Notes,Tags"
        ),
        (
            'Nets for scans,"Kim, Hee; Lee, J",Text,2022,Apr,BMC Imaging,22,1,69-81,'
            "WOS:000781,10.1186/x.1,12,#77,Kim 2022,,"
        ),
    ),
    "Rayyan": (
        (
            "key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,"
            "publisher,location,abstract,notes,doi,keywords,pubmed_id,pmc_id"
        ),
        (
            'rayyan-1,Nets for scans,2022,4,13,BMC Imaging,1471,22,1,69-81,"Kim, Hee and Lee,'
            ' J",,eng,BMC,,Text,,10.1186/x.1,,,'
        ),
    ),
}


@pytest.fixture
def kim():
    return open_review("kim2022")


@pytest.mark.parametrize("program", EXPORTS)
def test_what_a_program_calls_its_columns_is_understood(kim, program):
    """Document Title is the title and Publication Title the journal, whoever writes them."""
    text = "\n".join(EXPORTS[program])
    table = table_from_bytes(text.encode(), "export.csv")
    (entry,), _ = entries_of(kim, table)
    assert {k: v for k, v in entry.cells.items() if v} == WANTED
    assert any(program in note and "left out" in note for note in table.remarks())


def test_coded_columns_of_an_export_are_read_and_others_refused(kim):
    head, row = EXPORTS["Covidence"]
    table = table_from_bytes(f"{head},AUC\n{row},0.93\n".encode(), "export.csv")
    (entry,), _ = entries_of(kim, table)
    assert entry.cells == {**WANTED, "auc": "0.93"}
    table = table_from_bytes(f"{head},Shoe size\n{row},44\n".encode(), "export.csv")
    with pytest.raises(Exception, match="unknown heading: 'Shoe size'"):
        entries_of(kim, table)


@pytest.mark.parametrize(
    ("name", "family"),
    [("Kim, Hee E.", "Kim"), ("Kim HE", "Kim"), ("H.-E. Kim", "Kim"), ("Kim", "Kim"),
     ("de la Cruz J.M.", "de la Cruz"), ("Osei-Kyei R.", "Osei-Kyei"), ("李伟", "李伟")],
)  # fmt: skip
def test_the_family_name(name, family):
    assert family_name(name) == family
