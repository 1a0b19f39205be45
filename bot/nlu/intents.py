"""The intent classifier: what is written, how it sounds, and what the sentence is about.

Two softmax models. The quick one looks at n-grams of characters (what is written) and of syllables (how it
sounds); where it is not sure, the full one looks at the sentence's vector too (what it is about), which
takes longer. Places, times and the like are masked before (`mask`), so that a name never seen before does
not change what the person wants.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bot.nlu import softmax
from bot.nlu.softmax import Floats, Softmax
from bot.nlu.syllables import syllables

# One private-use character an entity: it can stand in an n-gram and never in people's text.
MASKS = {
    "place": "\ue000", "coordinates": "\ue000", "time": "\ue001", "duration": "\ue002", "phone": "\ue003", "phone_fault": "\ue003",
    "report_number": "\ue004", "number": "\ue005", "scope": "\ue006",
}  # fmt: skip
_START, _END, SOUND = "\ue010", "\ue011", "\ue012"


def mask(text: str, spans: Iterable[tuple[int, int, str]]) -> str:
    """`text` with each (start, end, entity) replaced by that entity's mask character."""
    out, last = [], 0
    for start, end, entity in sorted(spans):
        if start >= last and entity in MASKS:
            out += [text[last:start], MASKS[entity]]
            last = end
    return "".join([*out, text[last:]])


def ngrams(text: str, longest: int) -> Counter[str]:
    """Counts of n-grams with start and end marks: up to `longest` characters, and up to two syllables."""
    written = f"{_START}{text}{_END}"
    sounds = [_START, *syllables(text), _END]
    counts = Counter(written[i : i + n] for n in range(1, longest + 1) for i in range(len(written) - n + 1))
    counts.update(f"{SOUND}{' '.join(sounds[i : i + n])}" for n in (1, 2) for i in range(len(sounds) - n + 1))
    return counts


@dataclass(frozen=True)
class IntentModel:
    """A trained classifier.

    Attributes:
        quick: over n-grams alone.
        full: over n-grams and the sentence's vector.
        sure: the quick model's word stands from this probability on.
        longest: longest n-gram.
    """

    quick: Softmax
    full: Softmax
    sure: float
    longest: int

    def rank(self, masked: str, vector: Callable[[], Floats]) -> list[tuple[str, float]]:
        """All intents with their probabilities (they add up to 1), most probable first.

        Args:
            masked: the text after `mask`.
            vector: gives the sentence's vector; called only where it is needed.
        """
        counts = ngrams(masked, self.longest)
        probabilities = self.quick.probabilities(counts)
        if probabilities.max() < self.sure:
            probabilities = self.full.probabilities(counts, vector())
        order = np.argsort(-probabilities)
        return [(self.quick.names[i], float(probabilities[i])) for i in order]

    def arrays(self) -> dict[str, Any]:
        """What `numpy.savez` stores; `from_arrays` reads it back."""
        parts = {"quick": self.quick, "full": self.full}
        stored = {f"{name}_{k}": v for name, part in parts.items() for k, v in part.arrays().items()}
        return {**stored, "sure": np.array(self.sure), "longest": np.array(self.longest)}

    @classmethod
    def from_arrays(cls, data: Mapping[str, Any]) -> IntentModel:
        """The inverse of `arrays`."""

        def part(name: str) -> Softmax:
            own = {k.removeprefix(f"{name}_"): v for k, v in data.items() if k.startswith(f"{name}_")}
            return Softmax.from_arrays(own)

        return cls(part("quick"), part("full"), float(data["sure"]), int(data["longest"]))


def train(
    masked: Sequence[str], intents: Sequence[str], vectors: Floats, *, longest: int = 3,
    strength: float = 60.0, least: int = 2, share: float = 0.5, sure: float = 0.8,
) -> IntentModel:  # fmt: skip
    """Train on masked texts.

    Args:
        masked: one masked sentence each.
        intents: the intent of each.
        vectors: the vector of each, float32 (n, size).
        longest: longest n-gram.
        strength: inverse regularisation (scikit-learn's C).
        least: n-grams seen in fewer sentences are left out.
        share: weight of the vector beside the n-grams.
        sure: see `IntentModel`.
    """
    counted = [ngrams(text, longest) for text in masked]
    quick = softmax.fit(counted, intents, strength=strength, least=least)
    full = softmax.fit(
        counted, intents, vectors=vectors, share=share, strength=strength, least=least, start=quick
    )
    return IntentModel(quick, full, sure, longest)
