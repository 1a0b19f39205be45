"""Where a request leads to, and where it came from: pages of the desk itself, and nothing else."""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from starlette.requests import Request

from bot.desk import forms


def own_path(path: str) -> str:
    """`path` if it leads to a page of the desk itself, else its first page."""
    try:
        parts = urlsplit(path.replace("\\", "/"))
    except ValueError:  # a bracket that is not closed, say
        return "/"
    own = path.startswith("/") and not path.startswith("//") and not parts.scheme and not parts.netloc
    return path if own and path.isprintable() and "\\" not in path else "/"


def log_in_path(request: Request) -> str:
    """The log-in page, which leads back to what was asked for where that only shows something."""
    query = f"?{request.url.query}" if request.url.query else ""
    wanted = f"{request.url.path}{query}" if request.method == "GET" else came_from(request)
    return "/login" if wanted == "/" else f"/login?next={quote(wanted, safe='')}"


def came_from(request: Request) -> str:
    """The page of the desk that the browser says it came from; the first one where it says nothing."""
    given = request.headers.get("referer", "")
    try:
        parts = urlsplit(given)
    except ValueError:
        return "/"
    if parts.netloc.lower() != request.headers.get("host", "").lower():
        return "/"
    return own_path(f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}")


def form_page(request: Request) -> str:
    """The page that the form which was sent stood on; one that was offered again says so itself."""
    given = dict(getattr(request.state, "fields", ())).get(forms.CAME_FROM, "")
    return own_path(given) if given else came_from(request)
