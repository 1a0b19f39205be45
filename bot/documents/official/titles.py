"""Titles of published documents: what they look like, which are known, and the id of one that is not."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from bot.documents.digest import digest
from bot.documents.official.labels import ordinal

_GENRE = re.compile(
    r"(?:办法|方案|预案|规定|细则|条例|意见|通知|报告|规则|制度|决定|决议|计划|规划|章程|标准|指南|公约|纲要|准则|守则|规程"
    r"|措施|要点|通告|公告|批复|^中华人民共和国.{2,30}法)$"
)
_ASIDE = re.compile(r"\((?:[^()]{0,12}(?:试行|暂行|修订|修正|修改|草案|送审稿|征求意见稿|全文)[^()]{0,8})\)$")
_PLACE = r"[\u4e00-\u9fff]{2,6}?(?:自治县|自治州|自治区|省|县|市|区|州|旗|乡|镇|街道)"
_PLACES = re.compile(rf"(?:{_PLACE}){{0,3}}")
_NOTICE = re.compile(r"(.{0,40}?)关于(?:印发|公布|发布|转发|下发|修订印发)(.{2,100})的(?:补充)?通知")
_AGENCY = re.compile(
    r"[\u4e00-\u9fff、]{2,30}(?:人民政府|政府|办公室|委员会|局|厅|委|部|院|中心|公司|县办|常委会|联席会议)(?:文件)?"
)
_NUMBER = re.compile(r"[\u4e00-\u9fff]{1,10}[\[(〔【](?:19|20)\d\d[\])〕】]第?\d{1,4}号")
_CODE = re.compile(r"[A-Z]{2,6}[—-](?:19|20)\d\d[—-]\d{2,8}")
_DATE = re.compile(
    r"\(?((?:19|20)\d\d|[〇○零一二三四五六七八九]{4})年(\d{1,2}|[一二三四五六七八九十]{1,3})月(\d{1,2}|[一二三四五六七八九十]{1,3})日\)?"
)
_YEAR = re.compile(r"((?:19|20)\d\d)年度?")
_LONGEST_SLUG = 56


@dataclass(frozen=True)
class Known:
    """A document that the digest is about; `core` is its title without the name of the place."""

    id: str
    title: str
    core: str
    year: str


def plain(text: str) -> str:
    """Without spaces, in half-width forms: how titles and lines are compared."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def key(title: str) -> str:
    """What two printings of one title have in common: no marks, no （试行）."""
    bare = _ASIDE.sub("", plain(title)).replace("人民政府", "政府")
    return re.sub(r"[^\w+]", "", bare)


@lru_cache(maxsize=1)
def known_documents() -> tuple[Known, ...]:
    """The documents of the digest, each once."""
    documents = {entry.document.id: entry.document for entry in digest().entries}
    return tuple(
        Known(document.id, document.title, re.sub(rf"^{_PLACE}", "", key(document.title)), document.date[:4])
        for document in documents.values()
    )


def recognise(title: str) -> Known | None:
    """The document of the digest that bears this title, be it another county's; None for others.

    A title with a year of its own is that year's document: next year's report is another one.
    """
    name = key(title)
    year = _YEAR.search(name)
    name = _YEAR.sub("", name)
    for known in known_documents():
        if year and year[1] != known.year:
            continue
        place = name[: -len(known.core)] if name.endswith(known.core) else None
        if place is not None and _PLACES.fullmatch(place):
            return known
    return None


def is_own_title(title: str, known: Known) -> bool:
    """Whether a recognised title names the digest's own place, or none."""
    return _YEAR.sub("", key(title)) in (key(known.title), known.core)


def slug(title: str) -> str:
    """The id of a document that is not known: its title in pinyin, the same each time.

    >>> slug("祁东县农村公路养护办法（试行）")
    'qi-dong-xian-nong-cun-gong-lu-yang-hu-ban-fa'
    """
    from pypinyin import lazy_pinyin  # 60 MB with its phrases, for an import only

    said = "-".join(re.sub(r"[^a-z0-9]", "", part.lower()) for part in lazy_pinyin(key(title)))
    name = re.sub(r"-{2,}", "-", said).strip("-")
    if 0 < len(name) <= _LONGEST_SLUG:
        return name
    mark = hashlib.sha256(key(title).encode()).hexdigest()[:6]
    return f"{name[: _LONGEST_SLUG - len(mark)].rsplit('-', 1)[0]}-{mark}".strip("-")


def is_title(text: str) -> bool:
    """Whether a line can be the title of a document: it ends as such titles do and is no sentence."""
    bare = _ASIDE.sub("", plain(text))
    return 4 <= len(bare) <= 60 and not re.search(r"[。；;，,！!？?：:|]", bare) and bool(_GENRE.search(bare))


def notice(text: str) -> str | None:
    """The title of the document that a notice of issue brings (关于印发《…》的通知); None for other texts."""
    found = _NOTICE.fullmatch(plain(text))
    if found is None:
        return None
    quoted = re.fullmatch(r"[《〈](.{2,90})[》〉]", found[2])
    return quoted[1] if quoted else found[2]


def is_head(text: str) -> bool:
    """Whether a line can stand above a title: the office, the number of the document, its code."""
    bare = plain(text)
    return len(bare) <= 40 and any(form.fullmatch(bare) for form in (_AGENCY, _NUMBER, _CODE))


def is_office(text: str) -> bool:
    """Whether a line is the name of an office and nothing else."""
    bare = plain(text)
    return len(bare) <= 40 and _AGENCY.fullmatch(bare) is not None


def date_of(text: str) -> date | None:
    """The date that a line consists of: 2021年10月20日, （2021年10月25日）, 二〇二一年十月二十日."""
    found = _DATE.fullmatch(plain(text)) if len(text) <= 40 else None
    if found is None:
        return None
    year, month, day = (ordinal(group) for group in found.groups())
    try:
        return date(year or 0, month or 0, day or 0)
    except ValueError:
        return None


def number_of(lines: Sequence[str]) -> str | None:
    """The number of the document (清政发[2021]3号) where a line consists of it."""
    for line in lines:
        found = _NUMBER.fullmatch(plain(line)) if len(line) <= 60 else None
        if found:
            return found[0]
    return None
