"""The text of a draft contract from .txt, .md, .docx or .pdf, cut into sentences that can be quoted."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile

import docx
import pypdf
from docx.document import Document
from docx.opc.exceptions import PackageNotFoundError
from docx.table import Table
from pypdf.errors import PyPdfError

from bot.errors import BadInput, NotFound

MAX_BYTES = 20 * 1024 * 1024
BLANK = "▁"
"""Stands in :attr:`Sentence.plain` where the draft leaves a gap to fill in."""

_CONTRACT = re.compile(r"合\s*同|协\s*议|意向书|备忘录|承诺书")
_SPACED_LABEL = re.compile(r"(?<![\u4e00-\u9fff])([\u4e00-\u9fff])\s+([\u4e00-\u9fff])(?=\s*[:：（(|])")
_HEADING = re.compile(
    rf"(?:第[0-9一二三四五六七八九十]+[章条节款]|[(]?[0-9一二三四五六七八九十]+[)、.])?[^0-9,。;:|%{BLANK}]{{2,16}}$"
)
_FULL_LINE = 0.8  # of the longest line: a PDF line that long and without a stop runs on


@dataclass(frozen=True)
class Sentence:
    """``quote`` stands in the draft as it is; ``plain`` is the same for matching: half-width, without
    spaces, gaps to fill in as :data:`BLANK`, table cells parted by ``|``."""

    quote: str
    plain: str

    @property
    def is_heading(self) -> bool:
        """Whether this only names a matter: short, without a stop, a figure or a gap to fill in."""
        return bool(_HEADING.match(self.plain))


@dataclass(frozen=True)
class Draft:
    """A draft that was read: its whole text, and its sentences in order."""

    path: str
    text: str
    sentences: tuple[Sentence, ...]

    @property
    def title(self) -> Sentence:
        """The first sentence, which in a contract is its name."""
        return self.sentences[0]


def read_draft(path: Path) -> Draft:
    """Read a draft. Raises :class:`NotFound` or :class:`BadInput` with what to do."""
    if not _is_file(path):
        raise NotFound(f"找不到合同文件“{path}”。请核对文件名和所在文件夹。")
    reader = {".txt": _plain_text, ".md": _plain_text, ".docx": _docx, ".pdf": _pdf}.get(path.suffix.lower())
    if reader is None:
        raise BadInput(
            f"“{path.name}”的格式不能审：只认 .txt、.md、.docx、.pdf。旧的 .doc 请另存为 .docx，图片请先转成文字。"
        )
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadInput(
            f"“{path.name}”有{size / 2**20:.1f} MB，超过 20 MB。请去掉附件里的图片，只留合同正文。"
        )
    if size == 0:
        raise BadInput(f"“{path.name}”是空文件，没有可审的内容。请换一份有正文的文件。")
    return draft_of(reader(path), str(path))


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def draft_of(text: str, path: str) -> Draft:
    """The draft of a text. Raises :class:`BadInput` where it is empty or no contract."""
    sentences = tuple(_sentences(text))
    if not sentences:
        raise BadInput(f"“{Path(path).name}”里没有文字。请换一份有正文的文件。")
    if not _CONTRACT.search(text):
        raise BadInput(f"“{Path(path).name}”不像合同：通篇没有“合同”“协议”一类的字样。请确认选对了文件。")
    return Draft(path, text, sentences)


def _sentences(text: str) -> list[Sentence]:
    parts = (part.strip() for part in re.split(r"(?<=[。；;！？])|[\r\n]+", text))
    return [Sentence(part, plain_of(part)) for part in parts if re.search(r"\w", part)]


def plain_of(quote: str) -> str:
    """The form for matching of a sentence, see :class:`Sentence`."""
    text = unicodedata.normalize("NFKC", quote).replace("\t", "|")
    text = re.sub(r"[*#`>]+", "", text)  # Markdown marks
    text = _SPACED_LABEL.sub(r"\1\2", text)
    text = re.sub(r"(?:[ _]{2,}|_)", BLANK, text.strip())
    return re.sub(r"\s+", "", text)


def _plain_text(path: Path) -> str:
    raw = path.read_bytes()
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encodings: tuple[str, ...] = ("utf-16",)
    else:
        encodings = ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput(f"“{path.name}”的文字编码认不出来，打开会是乱码。请另存为 UTF-8 文本再试。")


def _docx(path: Path) -> str:
    try:
        document: Document = docx.Document(str(path))
    except (PackageNotFoundError, BadZipFile, SyntaxError, KeyError, ValueError) as error:
        raise BadInput(
            f"“{path.name}”打不开：不是完好的 .docx，或者加了密码。请去掉密码，用 Word 或 WPS 另存一份。"
        ) from error
    blocks = (
        _rows(block) if isinstance(block, Table) else block.text for block in document.iter_inner_content()
    )
    return "\n".join(blocks)


def _rows(table: Table) -> str:
    lines = []
    for row in table.rows:
        cells: list[str] = []
        for cell in row.cells:
            text = cell.text.strip().replace("\n", " ")
            if not cells or cells[-1] != text:  # a merged cell is given once for each column
                cells.append(text)
        lines.append(" | ".join(cells))
    return "\n".join(lines)


def _pdf(path: Path) -> str:
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput(f"“{path.name}”加了密码，读不出文字。请去掉密码后另存一份。")
        text = "\n".join(page.extract_text() for page in reader.pages)
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"“{path.name}”打不开：不是完好的 PDF。请重新导出，或者换成 .docx。") from error
    if not text.strip():
        raise BadInput(f"“{path.name}”是扫描件，里面只有图片没有文字。请用能复制文字的 PDF，或者换成 .docx。")
    return _rejoined(text)


def _rejoined(text: str) -> str:
    """A PDF breaks lines at the margin: join a full line without a stop to the one after it."""
    lines = [line.strip() for line in text.splitlines()]
    full = _FULL_LINE * max(map(len, lines))
    out = ""
    for line in lines:
        out += line
        out += "" if len(line) >= full and not re.search(r"[。；;：:！？]$", line) else "\n"
    return out
