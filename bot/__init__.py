"""屋场助手: the library, one folder a subject (docs/architecture.md)."""

from bot import blas

blas.choose()  # here, for numpy asks for it once, when it is first imported
