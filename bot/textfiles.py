"""The text of a file that staff hand in: .txt, .md, .docx or a .pdf with text; or what to do about it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from zipfile import BadZipFile, ZipFile

import docx
import pypdf
from docx.opc.exceptions import PackageNotFoundError
from pypdf.errors import PyPdfError

from bot.docxtext import document_text
from bot.errors import BadInput, NotFound

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 10 * MAX_BYTES
_FULL_LINE = 0.8  # of the longest line: a PDF line that long and without a stop runs on


def read_text(path: Path) -> str:
    """The text of a file, lines parted by newlines, cells of a table by " | ".

    Raises:
        NotFound: there is no such file.
        BadInput: its kind is not known, it is empty, too big, broken, locked or a scan; the message says what to do.
    """
    _check(path)
    return _READERS[path.suffix.lower()](path)


def _check(path: Path) -> None:
    if not _is_file(path):
        raise NotFound(f"找不到文件“{path}”。请核对文件名和所在文件夹。")
    if path.suffix.lower() not in _READERS:
        raise BadInput(
            f"“{path.name}”的格式读不了：只认 .txt、.md、.docx、.pdf。旧的 .doc 请另存为 .docx，图片请先转成文字。"
        )
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise BadInput(f"“{path.name}”有{size / 2**20:.1f} MB，超过 20 MB。请去掉附件里的图片，只留正文。")
    if size == 0:
        raise BadInput(f"“{path.name}”是空文件，没有可读的内容。请换一份有正文的文件。")


def read_pages(path: Path) -> tuple[str, ...]:
    """The text page by page, lines as they stand on the page; one page where the file knows none.

    `read_text` joins the lines of a PDF and with them the heads of its pages; this leaves that to the reader.

    Raises:
        NotFound, BadInput: as `read_text`.
    """
    if path.suffix.lower() != ".pdf":
        return tuple(read_text(path).split("\f"))
    _check(path)
    return tuple(_pdf_pages(path))


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


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
        _check_unpacked(path)
        return document_text(docx.Document(str(path)))
    except (PackageNotFoundError, BadZipFile, SyntaxError, KeyError, ValueError) as error:
        raise BadInput(
            f"“{path.name}”打不开：不是完好的 .docx，或者加了密码。请去掉密码，用 Word 或 WPS 另存一份。"
        ) from error


def _check_unpacked(path: Path) -> None:
    """A small file can unpack to more than the machine holds."""
    with ZipFile(path) as packed:
        size = sum(entry.file_size for entry in packed.infolist())
    if size > MAX_UNPACKED:
        raise BadInput(f"“{path.name}”解开后有{size / 2**20:.0f} MB，不像一份文件。请只留正文，另存一份。")


def _pdf(path: Path) -> str:
    return _rejoined("\n".join(_pdf_pages(path)))


def _pdf_pages(path: Path) -> list[str]:
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput(f"“{path.name}”加了密码，读不出文字。请去掉密码后另存一份。")
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"“{path.name}”打不开：不是完好的 PDF。请重新导出，或者换成 .docx。") from error
    if not any(page.strip() for page in pages):
        raise BadInput(f"“{path.name}”是扫描件，里面只有图片没有文字。请用能复制文字的 PDF，或者换成 .docx。")
    return pages


def _rejoined(text: str) -> str:
    """A PDF breaks lines at the margin: join a full line without a stop to the one after it."""
    lines = [line.strip() for line in text.splitlines()]
    full = _FULL_LINE * max(map(len, lines))
    out = ""
    for line in lines:
        out += line
        out += "" if len(line) >= full and not re.search(r"[。；;：:！？]$", line) else "\n"
    return out


_READERS: Mapping[str, Callable[[Path], str]] = {
    ".txt": _plain_text,
    ".md": _plain_text,
    ".docx": _docx,
    ".pdf": _pdf,
}
