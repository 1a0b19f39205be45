"""What a draft is looked through for beside Article 11 and Article 6: one module a check, one function each.

A check gets the draft and gives findings. Its words and patterns are those of its name in
``data/law/contract/draft_checks.yml``. It says ``violation`` only where the draft itself shows it, ``unclear`` where
a person must look, and nothing where there is nothing to say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bot.contracts.checks.amounts import check_amounts, check_totals
from bot.contracts.checks.blanks import check_blanks
from bot.contracts.checks.choices import check_choices
from bot.contracts.checks.days import check_days
from bot.contracts.checks.laws import check_laws
from bot.contracts.checks.names import check_names
from bot.contracts.checks.numbering import check_numbering
from bot.contracts.checks.references import check_references
from bot.contracts.checks.several import check_several
from bot.contracts.checks.signing import check_signing
from bot.contracts.checks.sums import check_sums
from bot.contracts.draft_text import Draft
from bot.contracts.findings import Finding

CHECKS: tuple[Callable[[Draft], Iterator[Finding]], ...] = (
    check_several, check_names, check_amounts, check_totals, check_sums, check_laws, check_choices, check_days,
    check_blanks, check_numbering, check_references, check_signing,
)  # fmt: skip


def all_checks(draft: Draft) -> Iterator[Finding]:
    """The findings of every check, one after the other."""
    for check in CHECKS:
        yield from check(draft)
