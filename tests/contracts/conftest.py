"""Files in the forms that the review reads."""

from tests.files import write_docx, write_pdf

__all__ = ["write_docx", "write_pdf"]
