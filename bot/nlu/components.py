"""Rasa graph components: the pipeline of config.yml. Each is a thin wrapper over pure functions."""

from __future__ import annotations

from abc import abstractmethod
from bisect import bisect_left
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot import clock
from bot.nlu import intents, language, tagger
from bot.nlu.encoder import Floats, encode, warm_up
from bot.nlu.hints import hints_of
from bot.nlu.place_rules import with_townships
from bot.nlu.reading import Reading, read
from bot.nlu.spans import Span
from bot.places.current import current_places
from bot.places.gazetteer import Gazetteer, gazetteer

READING = "reading"  # key of the Reading in a message, for the components after the reader
LANGUAGE = "language"
_Type = DefaultV1Recipe.ComponentType


def reading_of(message: Message) -> Reading:
    """The reading of a message, made once."""
    found = message.get(READING)
    if not isinstance(found, Reading):
        found = read(message.get(TEXT) or "", clock.now())
        message.set(READING, found)
    return found


def _add(message: Message, spans: list[Span], extractor: str) -> None:
    """Append spans as Rasa entities, with offsets of the text as it came in."""
    cleaned = reading_of(message).cleaned
    entities = list(message.get(ENTITIES) or [])
    for span in spans:
        start, end = cleaned.original_span(span.start, span.end)
        value = cleaned.text[span.start : span.end]
        row = {"entity": span.entity, "value": value, "start": start, "end": end, "extractor": extractor}
        entities.append({**row, "data": dict(span.data)} if span.data else row)
    entities.sort(key=lambda entity: entity["start"])
    message.set(ENTITIES, entities, add_to_output=True)


def _entities_of(message: Message) -> list[tuple[int, int, str]]:
    """(start, end, entity) of a message's entities, as offsets of its cleaned text."""
    offsets = reading_of(message).cleaned.offsets
    # A character that was dropped right behind a piece has no place in the cleaned text: the next has.
    return [
        (bisect_left(offsets, e["start"]), bisect_left(offsets, e["end"]), e["entity"])
        for e in message.get(ENTITIES) or []
        if e["end"] > e["start"]
    ]


def _vector(text: str) -> Floats:
    vector: Floats = encode([text])[0]
    return vector


class Component(GraphComponent):
    """What all of our components share: the name as extractor and, where trained, a stored file."""

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        self.config = config
        self._storage = model_storage
        self._resource = resource

    @property
    def places(self) -> Gazetteer:
        """Townships and the villages imported so far."""
        return current_places(clock.now())

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Component:
        """Called by Rasa for training."""
        return cls(config, model_storage, resource)


class Trained(Component):
    """A component that learns: what is stored in training is read again to serve."""

    @abstractmethod
    def read(self, folder: Path) -> None:
        """Take up what `train` stored in `folder`."""

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Trained:
        """Called by Rasa to serve."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.read(Path(folder))
        return component

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing: the examples keep their own intents and annotations."""
        return training_data


@DefaultV1Recipe.register(_Type.ENTITY_EXTRACTOR, is_trainable=False)
class RuleReader(Component):
    """Cleans and normalises the text; finds times, durations, phones, numbers; tells the language.

    The language goes into the message and, for the slot of that name, into an entity `language`
    without extent, which `wuchang parse` leaves out.
    """

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> Component:
        """Called by Rasa to serve."""
        language.warm_up()
        return cls(config, model_storage, resource)

    def process(self, messages: list[Message]) -> list[Message]:
        """Read each message."""
        for message in messages:
            reading = reading_of(message)
            _add(message, list(reading.spans), "RuleReader")
            spoken_in = language.identify(reading.cleaned.text)
            message.set(LANGUAGE, spoken_in, add_to_output=True)
            if spoken_in:
                spoken = "zh" if spoken_in == "zh" else "en"
                entities = [
                    *message.get(ENTITIES),
                    {"entity": LANGUAGE, "value": spoken, "start": 0, "end": 0},
                ]
                message.set(ENTITIES, entities, add_to_output=True)
        return messages


@DefaultV1Recipe.register(_Type.ENTITY_EXTRACTOR, is_trainable=True)
class CharTagger(Trained):
    """Finds places, problems, services and contract types (`bot.nlu.tagger`)."""

    FILE = "tagger.crfsuite"

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._tagger: tagger.Tagger | None = None

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the annotated examples and store the field."""
        rows, shipped = [], gazetteer()
        for example in training_data.nlu_examples:
            if not example.get(INTENT):
                continue
            reading = reading_of(example)
            # What is imported here must not change the model: only the shipped townships count.
            features = tagger.features(reading.text, reading.marks(shipped), hints_of(reading.text))
            rows.append((features, tagger.labels(reading.text, _entities_of(example))))
        with self._storage.write_to(self._resource) as folder:
            tagger.train(Path(folder) / self.FILE, rows)
            self._tagger = tagger.Tagger(Path(folder) / self.FILE)
        return self._resource

    def read(self, folder: Path) -> None:
        """Open the trained field."""
        self._tagger = tagger.Tagger(folder / self.FILE)

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the spans of each message; what rules found stays where the two overlap."""
        for message in messages:
            reading = reading_of(message)
            _add(message, self.find(reading), "CharTagger")
        return messages

    def find(self, reading: Reading) -> list[Span]:
        """Spans of one reading."""
        assert self._tagger is not None
        places = self.places
        rules = [span for span in reading.spans if span.entity not in ("number", "scope")]
        counts = [span for span in reading.spans if span.entity == "number"]
        tagged = [
            t
            for t in self._tagger.tag(reading.text, reading.marks(places), hints_of(reading.text))
            if not any(t.start < span.end and span.start < t.end for span in rules)
            # A count gives way only to something longer (3户人家门口 is a place).
            and not any(
                t.start < span.end and span.start < t.end and t.end - t.start < span.length for span in counts
            )
        ]
        taken = [(span.start, span.end) for span in rules]
        text = reading.cleaned.text
        return [
            Span(t.entity, t.start, t.end, text[t.start : t.end])
            for t in with_townships(reading.text, tagged, taken, places)
        ]


@DefaultV1Recipe.register(_Type.INTENT_CLASSIFIER, is_trainable=True)
class MaskedIntentClassifier(Trained):
    """Classifies the text with its places and times masked (`bot.nlu.intents`)."""

    FILE = "intents.npz"

    def __init__(self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource) -> None:
        super().__init__(config, model_storage, resource)
        self._model: intents.IntentModel | None = None

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`longest`: longest n-gram; `strength`: inverse regularisation; `least`: sentences that an n-gram
        must stand in to count; `share`: weight of the sentence's vector beside the n-grams; `sure`: the
        probability from which the n-grams alone are enough; `ranking`: how many intents are told."""
        return {"longest": 3, "strength": 60.0, "least": 2, "share": 0.5, "sure": 0.8, "ranking": 5}

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the examples with their annotated and rule-found spans masked."""
        texts, names, plain = [], [], []
        for example in training_data.intent_examples:
            texts.append(self._masked(reading_of(example), _entities_of(example)))
            names.append(example.get(INTENT))
            plain.append(reading_of(example).text)
        chosen = {name: self.config[name] for name in ("longest", "strength", "least", "share", "sure")}
        self._model = intents.train(texts, names, encode(plain), **chosen)
        with self._storage.write_to(self._resource) as folder:
            np.savez_compressed(Path(folder) / self.FILE, **self._model.arrays())
        return self._resource

    def read(self, folder: Path) -> None:
        """Read the trained arrays."""
        with np.load(folder / self.FILE) as data:
            self._model = intents.IntentModel.from_arrays(dict(data))
        warm_up()

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of each message."""
        assert self._model is not None
        for message in messages:
            text = reading_of(message).text
            masked = self._masked(reading_of(message), _entities_of(message))
            ranked = self._model.rank(masked, partial(_vector, text))
            ranking = [{"name": n, "confidence": p} for n, p in ranked[: self.config["ranking"]]]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)
        return messages

    @staticmethod
    def _masked(reading: Reading, spans: list[tuple[int, int, str]]) -> str:
        rules = [(span.start, span.end, span.entity) for span in reading.spans]
        return intents.mask(reading.text, [*spans, *rules])
