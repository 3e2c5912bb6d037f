"""Small exports of our own making in the dialects that databases and reference managers write."""

# ruff: noqa: E501, W291  the lines of exports are as long as they are, and end in blanks

from __future__ import annotations

# names of tags, headings and elements, which become columns
STRUCTURE = """
title titles authors author abstract year journal volume issue pages page doi url issn keywords
publisher language notes item publication source start end published pubmed key accession number
link content type provider record records xml endnote contributors database name style face normal
italic periodical full dates electronic resource num ref encoding version doctype pubmedarticleset
public nlm dtd pubmedarticle https gov medlinecitation status article pubmodel issntype
journalissue pubdate month articletitle pagination medlinepgn elocationid eidtype abstracttext
label authorlist lastname forename initials affiliationinfo affiliation collectivename
publicationtypelist publicationtype meshheadinglist meshheading descriptorname qualifiername
majortopicyn pubmeddata articleidlist articleid idtype pmc pubmedbookarticle bookdocument mesh enl
analytics clarivate john wiley sons ltd text plain charset utf booktitle container family given
literal issued raw note date parts bibtex misc inproceedings string jmr others and web science
book org series location indexed medline pmcid nih set scopus export march comment jabref meta id
article broken for covidence study tags day published editors eissn index prior included record pmid
"""

EMBASE = """\ufeffTY  - JOUR
M3  - Article
Y1  - 2014
SN  - 2226-7190
SN  - 2226-7190
JF  - Journal of Endoscopy
JO  - J. Endosc.
U2  - L373791783
DB  - Embase
L2  - http://dx.doi.org/10.4103/2303-9027.1
DO  - 10.4103/2303-9027.1
A1  - Liu R.
A1  - Adler D.G.
M1  - (Liu R.) Utah
M1  - (Adler D.G.) Boston
T1  - Duplication cysts
KW  - article
KW  - cyst
N2  - Cysts are rare.
UR  - http://www.embase.com/x;jsessionid=1
UR  - http://b.org
ER  - 

"""
OVID = """1.
TY  - JOUR
ID  - 2019-65183-001
DO  - http://dx.doi.org/10.1002/cpp.2398
T1  - Self-criticism and mood
A1  - Trindade, Ines A
Y1  - 2019//
SP  - No
EP  - Specified
DO  - http://dx.doi.org/10.1002/cpp.2398
L2  - http://ovidsp.ovid.com/ovidweb.cgi?T=JS
ER  -
NL  - Clin Psychol

Link to the Ovid Full Text: http://ovidsp.ovid.com/1

2.
TY  - JOUR
T1  - Second
A1  - Lee, J
PB  - Wiley
PB  - US
ER  -
"""
COCHRANE = """Provider: John Wiley & Sons, Ltd
Content:text/plain; charset="UTF-8"
Record #1 of 2
TY  -  JOUR
AN  -  CN-01234567
TI  -  A trial of drugs
AU  -  NCT01234567,
SO  -  https://clinicaltrials.gov/show/NCT01234567
JF  -  https://clinicaltrials.gov/show/NCT01234567
YR  -  2020
PY  -  2020
ER  -  


Provider: John Wiley & Sons, Ltd
Content:text/plain; charset="UTF-8"
Record #2 of 2
TY  -  JOUR
TI  -  Another trial
AU  -  Kim, H
JF  -  Lancet
ER  -  
"""
EBSCO = """TY  - JOUR
ID  - 123456
T1  - Sleep in nurses
AU  - Kim, H
N2  - Background: sleep.
N2  - Hintergrund: Schlaf.
N2  - Copyright of Journal is the property of its publisher.
JF  - Journal of Sleep
SN  - 0894-9867, 0894-9868
L3  - 10.1000/sleep.1
UR  - https://search.ebscohost.com/login.aspx?x=1
ER  - 
"""
IEEE = (
    "TY  - CONF\rTI  - Networks\rAU  - N. Nagesh\rPY  - 2025\rT2  - IEEE Conf\rER  - \r\n\n\r"
    "TY  - CONF\rTI  - Nets again\rAU  - Z. Wang\rER  - \r\n\n\r"
)
NO_END = "TY  - JOUR\nTI  - A\nAU  - X\nTY  - JOUR\nTI  - B\nAU  - Y\nER  - \nTY  - JOUR\nTI  - C"
NO_BEGIN = "TY  - JOUR\nTI  - A\nER  - \nTI  - B\nAU  - Y\nER  - \n"
WRAPPED = (
    "TY  - CHAP\nTI  - Title that goes\n on here\nED  - Smith, A\nAB  - one\ntwo\n\nthree\nER  - \n"
)
NBIB = """
PMID- 1
OWN - NLM
IS  - 1873-3492 (Electronic)
IS  - 0009-8981 (Linking)
VI  - 548
DP  - 2023 Aug 1
TI  - Advancing the practice of
      medicine.
PG  - 117-9
LID - S0009-8981(23)00321-2 [pii]
LID - 10.1016/j.cca.2023.1 [doi]
FAU - Kim, Hee E
AU  - Kim HE
AD  - Seoul.
FAU - Lee, Jin
AU  - Lee J
CN  - Group A
CN  - Group B
LA  - eng
LA  - fre
PT  - Journal Article
PT  - Review
TA  - Clin Chim Acta
JT  - Clinica chimica acta
MH  - Heart/*physiology
OT  - medicine
PMC - PMC123

PMID- 2
BTI - A book
AU  - Park S
PB  - NLM"""
WOS = """FN Clarivate Analytics Web of Science
VR 1.0
PT J
AU Osei-Kyei, R
   Tam, V
AF Osei-Kyei, Robert
   Tam, Vivian
TI Critical review of
   indicators
SO SMART ENVIRONMENT
DE Urban community; Resilience
ID HAZARDS; LAND
UK something unknown
CR Aksha SK, 2020, A, V1
   Alawa F, 2021, B, V2
SN 2046-6099
EI 2046-6102
PY 2023
VL 1
BP 370
EP 381
DI 10.1108/SASBE-1
UT WOS:000938257800001
ER

PT J
AU Lee, J
TI Second one
AR 12
ER
"""
ENW = """%0 Journal Article
%A Kim, H
%A Lee, J
%T Deep learning
%J J Imaging
%D 2021
%R 10.1000/abc
%K one
two
%X An abstract.
%X Ein Abstract.
%@ 1111-1111
%> link

%0 Book
%T Statistics
%E Editor, Ed
"""
ENDNOTE_XML = """<?xml version="1.0" encoding="UTF-8"?><xml><records><record>
<database name="My.enl">My.enl</database><rec-number>7</rec-number>
<ref-type name="Journal Article">17</ref-type>
<contributors><authors><author><style>Kim, Hee E</style></author><author>Lee, J</author></authors>
<secondary-authors><author><style>Editor, Ed</style></author></secondary-authors></contributors>
<titles><title><style face="normal">Effect of </style><style face="italic">H. pylori</style><style
 face="normal"> on MRI</style></title></titles>
<periodical><full-title>J Imaging</full-title></periodical><dates><year>2021</year></dates>
<electronic-resource-num>doi:10.1000/abc</electronic-resource-num>
<custom1>mine</custom1></record>
<record><titles><title>Plain title</title></titles></record></records></xml>
"""
PUBMED_XML = """<?xml version="1.0" ?>
<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle//EN" "https://dtd.nlm.nih.gov/p.dtd">
<PubmedArticleSet>
<PubmedArticle><MedlineCitation Status="MEDLINE"><PMID Version="1">35418051</PMID>
<Article PubModel="Electronic"><Journal><ISSN IssnType="Electronic">1471-2342</ISSN>
<JournalIssue><Volume>22</Volume><Issue>1</Issue><PubDate><Year>2022</Year><Month>Apr</Month>
</PubDate></JournalIssue><Title>BMC medical imaging</Title></Journal>
<ArticleTitle>Transfer learning for <i>MRI</i>.</ArticleTitle>
<Pagination><MedlinePgn>69</MedlinePgn></Pagination>
<ELocationID EIdType="doi">10.1186/s12880-022-1</ELocationID>
<Abstract><AbstractText Label="BACKGROUND">Much.</AbstractText>
<AbstractText Label="METHODS">Few.</AbstractText></Abstract>
<AuthorList><Author><LastName>Kim</LastName><ForeName>Hee E</ForeName><Initials>HE</Initials>
<AffiliationInfo><Affiliation>Mannheim.</Affiliation></AffiliationInfo></Author>
<Author><CollectiveName>Group A</CollectiveName></Author></AuthorList>
<Language>eng</Language><PublicationTypeList><PublicationType>Review</PublicationType>
</PublicationTypeList></Article>
<MeshHeadingList><MeshHeading><DescriptorName MajorTopicYN="N">Heart</DescriptorName>
<QualifierName MajorTopicYN="Y">physiology</QualifierName></MeshHeading></MeshHeadingList>
</MedlineCitation><PubmedData><ArticleIdList><ArticleId IdType="pubmed">35418051</ArticleId>
<ArticleId IdType="pmc">PMC9</ArticleId></ArticleIdList></PubmedData></PubmedArticle>
<PubmedBookArticle><BookDocument><PMID>2</PMID><ArticleTitle>Chapter</ArticleTitle></BookDocument>
</PubmedBookArticle></PubmedArticleSet>
"""
BIBTEX = r"""Scopus
EXPORT DATE: 25 March 2026

@string{jmr = "J Magn Reson"}
@comment{jabref-meta: x;}
@article{a, title={Deep {L}earning for {MRI}}, author={Kim, H. and others},
  journal = jmr # " Imaging", year=2020, month=jan, doi={10.1000/ABC},
  abstract={Email me@x.org for data. Longer}, keywords={one}, keywords={two}}
@article{a, title={X} author={Bergstr\"{o}m, D and M{\"u}ller, E},
  funding_text 1 = {Fund}, pages={69--81}, doi={1}, doi={2}}
@inproceedings{10.1145/3746252, author={Kim H, Lee J, Park S}, title="A {"}quoted{"} one",
  booktitle={Proc. of X}}
@ARTICLE{broken,
  title = {Braces {that do not match},
  year = {2019},
  abstract = {One } too many},
  author = {Wu, X}
}
@misc{last, title={End}}@misc{same_line, title={Same line}}
"""
CSL = """[{"id": "x", "type": "article-journal", "title": "Transfer", "container-title": "BMC",
 "author": [{"family": "Kim", "given": "H"}, {"literal": "WHO"}],
 "issued": {"date-parts": [[2022, 4, 13]]}, "DOI": "10.1/X", "page": "69-81",
 "note": "PMID: 35418051\\nseen", "custom-tag": {"a": ["}", 1]}},
 {"type": "book", "title": "B {brace} \\" }", "issued": {"raw": "2022-04"}}]"""
SCOPUS_CSV = (
    "\ufeffAuthors,Author(s) ID,Title,Year,Source title,Volume,Page start,Page end,DOI,Author Keywords,"
    "Index Keywords,References,EID\r\n"
    '"Osei-Kyei R., Tam V.","1;2;","A ""quoted"" title",2023,Smart,1,3,9,10.1108/x,"a; b","b; c",'
    '"Ref one\nRef two",2-s2.0-1\r\n"Lee J.","3;",Second,,Other,,,,,,,,2-s2.0-2\r\n'
)
SPRINGER_CSV = (
    "Item Title,Publication Title,Book Series Title,Item DOI,Authors,Publication Year,Content Type\r\n"
    "Review,AI Review,,10.1007/a,Hafiz WaseemSaif Ul IslamAnn McDonald,2024,Article"
)
WOS_TAB = 'PT\tAU\tAF\tTI\tSO\tPY\tBP\tEP\tDE\tCR\tUT\nJ\tKim, H; Lee, J\tKim, Hee; Lee, Jin\tA 5" coil\tMRM\t2020\t1\t9\ta; b\tR1; R2\tWOS:1\n'
RAYYAN_CSV = (
    "key,title,year,month,day,journal,issn,volume,issue,pages,authors,url,language,publisher,location,"
    'abstract,notes,pmc_id,pubmed_id\nrayyan-1,Deep learning,2020,1,1,J,,,,,"Kim, H and Lee, J",,,,,abs,'
    '"RAYYAN-INCLUSION: {""Ann""=>""Included"", ""Bob""=>""Excluded""} | RAYYAN-LABELS: rct,mri '
    '| RAYYAN-EXCLUSION-REASONS: wrong population",,123\n'
)
COVIDENCE_CSV = (
    "Title,Authors,Abstract,Published Year,Published Month,Journal,Volume,Issue,Pages,Accession Number,"
    'DOI,Ref,Covidence #,Study,Notes,Tags\nDeep learning,"Kim, H.; Lee, J.",abs,2020,,J,1,2,3-4,,10.1/x,'
    ',#12,Kim 2020,"Ann: not sure",\n'
)
ASREVIEW_CSV = (
    "record_id,title,abstract,asreview_label,asreview_prior\n0,One,a,1,1\n1,Two,b,0,\n2,Three,c,,\n"
)
PUBMED_TEXT = """1. Clin Chim Acta. 2023 Aug 1;548:117519. doi: 10.1016/j.cca.1. Epub
2023 Aug 16.

Advancing AI in healthcare.

Polevikov S(1), Kim HE(2).

Author information:
(1)WellAI.

2. is how a line of an abstract may begin. It is a longer text than all the others here.

Copyright 2023.

DOI: 10.1016/j.cca.1
PMID: 37595864 [Indexed for MEDLINE]


2. BMJ. 2021 Sep 1;374(3):n1872.

Second title.

Lee J.

DOI: 10.1136/bmj.n1872
PMCID: PMC8
PMID: 34470785
"""
# name -> (text, how many records it marks, how many are read)
ALL = {
    "embase": (EMBASE, 1, 1), "ovid": (OVID, 2, 2), "cochrane": (COCHRANE, 2, 2),
    "ebsco": (EBSCO, 1, 1), "ieee": (IEEE, 2, 2), "no_end": (NO_END, 3, 3),
    "wrapped": (WRAPPED, 1, 1), "nbib": (NBIB, 2, 2), "wos": (WOS, 2, 2), "enw": (ENW, 2, 2),
    "endnote_xml": (ENDNOTE_XML, 2, 2), "pubmed_xml": (PUBMED_XML, 2, 2), "bibtex": (BIBTEX, 6, 6),
    "csl": (CSL, 2, 2), "scopus_csv": (SCOPUS_CSV, 2, 2), "springer_csv": (SPRINGER_CSV, 1, 1),
    "wos_tab": (WOS_TAB, 1, 1), "rayyan_csv": (RAYYAN_CSV, 1, 1),
    "covidence_csv": (COVIDENCE_CSV, 1, 1), "asreview_csv": (ASREVIEW_CSV, 3, 3),
    "pubmed_text": (PUBMED_TEXT, 2, 2),
}  # fmt: skip
