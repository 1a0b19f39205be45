"""The text of a file that staff hand in: .txt, .md, .docx or a .pdf with text; or what to do about it."""

from __future__ import annotations

import hashlib
import re
import zlib
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from bot.errors import BadInput, NotFound

MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 200 * 1024 * 1024  # of all that is packed in a .docx, pictures too
MAX_UNPACKED_XML = 40 * 1024 * 1024  # of its text; 50 pages have less than one
MAX_PAGES = 1000
SUFFIXES = (".txt", ".md", ".docx", ".pdf")
# How files begin that people rename or mistake for text.
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_OLE, _ZIP, _PDF_MARK = b"\xd0\xcf\x11\xe0", b"PK\x03\x04", b"%PDF-"
_HEAD = 1024
_PAGE_NUMBER = re.compile(
    r"^(?:[-—–]\s{0,3}\d{1,4}\s{0,3}[-—–]|第\s{0,3}\d{1,4}\s{0,3}页.{0,12}|\d{1,4}\s{0,3}/\s{0,3}\d{1,4})$"
)
# What the libraries raise over files that are not whole, beside errors of their own. They are loaded with the
# first file: they take 35 MB, and most people hand in none.
BROKEN_DOCX = (
    BadZipFile,
    SyntaxError,
    KeyError,
    ValueError,
    OSError,
    NotImplementedError,
    zlib.error,
    RuntimeError,  # a part locked with a password
    TypeError,
    AttributeError,
    IndexError,
    EOFError,
)
BROKEN_PDF = (
    ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError,
)  # fmt: skip
_FULL_LINE = 0.8  # of the longest line: a PDF line that long and without a stop runs on


def read_text(path: Path, name: str = "") -> str:
    """The text of a file, lines parted by newlines, cells of a table by " | ".

    Args:
        name: what the file is called in messages, where that is not the name it is stored under.

    Raises:
        NotFound: there is no such file.
        BadInput: its kind is not known, it is empty, too big, broken, locked or a scan; the message says what to do.
    """
    _check_there(path)
    name = name or path.name
    check_file(path, name)
    reader = {".docx": _docx, ".pdf": _pdf}.get(path.suffix.lower(), _plain_text)
    return reader(path, name)


def check_file(path: Path, name: str) -> None:
    """Whether the file is of a kind that can be read, by name and content, not empty and not too big.

    Raises:
        BadInput: it is not; the message says what to do.
    """
    check_name(name)
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise too_big(name, size)
    if size == 0:
        raise BadInput(f"“{name}”是空文件，没有可读的内容。请换一份有正文的文件。")
    _check_content(path, name)


def check_name(name: str) -> None:
    """Whether the name is that of a kind that can be read. Raises :class:`BadInput` with what to do."""
    if Path(name).suffix.lower() not in SUFFIXES:
        raise BadInput(
            f"“{name}”的格式读不了：只认 .txt、.md、.docx、.pdf。旧的 .doc 请另存为 .docx，图片请先转成文字。"
        )


def too_big(name: str, size: int) -> BadInput:
    """The refusal of a file of `size` bytes."""
    return BadInput(f"“{name}”有{size / 2**20:.1f} MB，超过 20 MB。请去掉附件里的图片，只留正文。")


def _check_content(path: Path, name: str) -> None:
    """Whether the content is of the kind that the name says."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    suffix = path.suffix.lower()
    if head.startswith(_PICTURES) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP") or head[4:8] == b"ftyp":
        raise BadInput(f"“{name}”其实是一张图片，读不出文字。请发 .docx 或能复制文字的 PDF。")
    if head.startswith(_OLE):
        raise _old_or_locked(path, name)
    if suffix == ".pdf" and _PDF_MARK not in head:
        raise BadInput(f"“{name}”打不开：内容不是 PDF。请重新导出，或者换成 .docx。")
    if suffix != ".pdf" and head.startswith(_PDF_MARK):
        raise BadInput(f"“{name}”的内容是 PDF，名字却不是。请把后缀改成 .pdf 再发。")
    if suffix in (".txt", ".md") and head.startswith(_ZIP):
        raise BadInput(f"“{name}”的内容不是文字，可能是 Word 文件。请把后缀改成 .docx 再发。")


def _old_or_locked(path: Path, name: str) -> BadInput:
    """Word before 2007 and a .docx with a password are kept in the same kind of container."""
    if "EncryptedPackage".encode("utf-16-le") in path.read_bytes():
        return BadInput(f"“{name}”加了密码，读不出文字。请去掉密码，用 Word 或 WPS 另存一份。")
    return BadInput(f"“{name}”是旧格式的 Word 文件（.doc）。请用 Word 或 WPS 打开，另存为 .docx。")


def read_pages(path: Path) -> tuple[str, ...]:
    """The text page by page, lines as they stand on the page; one page where the file knows none.

    `read_text` joins the lines of a PDF and with them the heads of its pages; this leaves that to the reader.

    Raises:
        NotFound, BadInput: as `read_text`.
    """
    if path.suffix.lower() != ".pdf":
        return tuple(read_text(path).split("\f"))
    _check_there(path)
    check_file(path, path.name)
    return tuple(_pdf_pages(path, path.name))


def _check_there(path: Path) -> None:
    if not _is_file(path):
        raise NotFound(f"找不到文件“{path}”。请核对文件名和所在文件夹。")


def sha256_of(path: Path) -> str:
    """The hash of a file's bytes, as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name too long, or with a NUL
        return False


def _plain_text(path: Path, name: str) -> str:
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
    raise BadInput(f"“{name}”的文字编码认不出来，打开会是乱码。请另存为 UTF-8 文本再试。")


def _docx(path: Path, name: str) -> str:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    from bot.docxtext import document_text

    try:
        _check_unpacked(path, name)
        return document_text(docx.Document(str(path)))
    except (PackageNotFoundError, *BROKEN_DOCX) as error:
        raise BadInput(
            f"“{name}”打不开：不是完好的 .docx，或者加了密码。请去掉密码，用 Word 或 WPS 另存一份。"
        ) from error


def _check_unpacked(path: Path, name: str) -> None:
    """A small file may unpack to more than the memory holds; what is declared is all that is ever unpacked."""
    with ZipFile(path) as archive:
        parts = archive.infolist()
    text = sum(part.file_size for part in parts if part.filename.endswith((".xml", ".rels")))
    if text > MAX_UNPACKED_XML or sum(part.file_size for part in parts) > MAX_UNPACKED:
        raise BadInput(f"“{name}”解开后大得不正常，没有打开。请只留正文，用 Word 或 WPS 另存一份。")


def _pdf(path: Path, name: str) -> str:
    return _rejoined("\n".join(_pdf_pages(path, name)))


def _pdf_pages(path: Path, name: str) -> list[str]:
    import pypdf
    from pypdf.errors import PyPdfError

    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise BadInput(f"“{name}”加了密码，读不出文字。请去掉密码后另存一份。")
        if len(reader.pages) > MAX_PAGES:
            raise BadInput(f"“{name}”有{len(reader.pages)}页，超过{MAX_PAGES}页。请只留正文再试。")
        pages = [page.extract_text() for page in reader.pages]
    except (PyPdfError, *BROKEN_PDF) as error:
        raise BadInput(f"“{name}”打不开：不是完好的 PDF。请重新导出，或者换成 .docx。") from error
    if not any(page.strip() for page in pages):
        raise BadInput(f"“{name}”是扫描件，里面只有图片没有文字。请用能复制文字的 PDF，或者换成 .docx。")
    return pages


def _rejoined(text: str) -> str:
    """A PDF breaks lines at the margin: join a full line without a stop to the one after it."""
    lines = [line.strip() for line in text.splitlines() if not _PAGE_NUMBER.match(line.strip())]
    full = _FULL_LINE * max(map(len, lines), default=0)
    out = ""
    for line in lines:
        out += line
        out += "" if len(line) >= full and not re.search(r"[。；;：:！？]$", line) else "\n"
    return out
