"""Tell the type of a contract (Article 2) and whether a name may sign (Article 6) from its words."""

from __future__ import annotations

import re

from bot.contracts.rules import Kind, NameGroup, rules

_NO_KIND_WORDS = re.compile(r"(?:合同|协议|\bcontract|\bagreement|\s)+$", re.IGNORECASE)


def classify(contract_type: str) -> Kind:
    """The type of Article 2 that the free text falls under; 'other' (2/8), not sure, where no word tells."""
    law = rules()
    if law.special_types.search(contract_type):
        return law.other_kind
    for kind, pattern in law.kinds:
        if pattern.search(contract_type):
            return kind
    return law.other_kind


def is_special(contract_type: str) -> bool:
    """Whether the type (labour and the like) has a law of its own that goes first (Article 3)."""
    return bool(rules().special_types.search(contract_type))


def involves_intellectual_property(text: str) -> bool:
    """Whether the words suggest works, software, designs or research, so that 11（十） matters."""
    return bool(rules().intellectual_property.search(text))


def name_group(name: str) -> NameGroup | None:
    """The group of Article 6 that a signing name looks like, or None for an ordinary name."""
    bare = "".join(name.split())
    for group in rules().names:
        if group.pattern.search(bare) and not group.exempt.search(bare):
            return group
    return None


def same_kind(one: str, other: str) -> bool:
    """Whether two kinds of contract are one, whatever word for contract stands behind: 物业, 物业合同."""
    return kind_core(one) == kind_core(other)


def kind_core(contract_type: str) -> str:
    """The kind without 合同, 协议 or "contract" behind it, in lower case; what is nothing else stays as it is."""
    return (_NO_KIND_WORDS.sub("", contract_type) or contract_type).lower()
