"""Questions on the documents in chat: the answer with its clause, the official words, votes, the clauses beside it."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn
from bot import answering
from bot.dialogue.crisis import life_in_danger, speaks_of_dying
from bot.dialogue.details import combine_places
from bot.documents import answers as documents
from bot.documents import approved
from bot.documents.digest import Entry, digest
from bot.documents.following import Followed, Topic, followed, tells
from bot.documents.neighbours import beside
from bot.documents.quoting import Official, excerpt, official
from bot.documents.votes import says_vote, vote
from bot.places.current import current_places
from bot.storage.database import session_scope
from bot.storage.tables import UnansweredQuestion
from bot.water.talk.problems import find_problems

_QUOTED = 300  # characters of official words that stand under an answer; the rest comes by a button
USEFUL, USELESS, NEIGHBOURS, WHOLE = "answer_useful", "answer_useless", "answer_neighbours", "answer_official"


def say_answer(turn: Turn) -> None:
    """The clause in plain words with its citation, or an honest refusal that is kept for staff."""
    only = ("eldercare",) if turn.message.intent == "ask_eldercare" else ()
    by_staff = approved.current(turn.glance and turn.glance.answers)
    found = answering.answer(turn.message.text, documents=only, by_staff=by_staff)
    if only and not found.answered:
        found = answering.answer(turn.message.text, by_staff=by_staff)
    if found.answered:
        say_found(turn, found)
    else:
        _refuse(turn, found)


def goes_on(turn: Turn) -> bool:
    """Answer a question that goes on from the one just answered (那乡镇的呢); False where the message stands by itself.

    What cannot be answered that way is heard as if nothing had been asked before.
    """
    last, text = turn.memory.get("answer"), turn.message.plain
    if not last or "topic" not in last or not turn.message.text or _said_before(turn) != last.get("said"):
        return False
    if life_in_danger(text) or speaks_of_dying(text) or find_problems(text):
        return False
    place = combine_places(current_places(turn.now), turn.message.all("place"))
    asked = followed(Topic(*last["topic"]), turn.message.text)
    if asked is None or (place and place.township):
        return False
    found = answering.answer(asked.question, by_staff=approved.current(turn.glance and turn.glance.answers))
    if not found.answered or not tells(turn.message.text, found.text):
        return False
    say_found(turn, found, asked)
    return True


def _said_before(turn: Turn) -> str | None:
    """The person's words before this message; buttons such as 有用 are none."""
    said = [str(event.get("text") or "") for event in turn.tracker.events if event.get("event") == "user"]
    return next((text for text in reversed(said[:-1]) if not text.startswith("/")), None)


def say_found(turn: Turn, found: documents.Answer, asked: Followed | None = None) -> None:
    """The answer, the clause, its official words where they are imported, and where else to look.

    `asked` where the question goes on from the one before.
    """
    cited, texts = found.entries[: found.both], _texts(turn)
    turn.memory = {**turn.memory, "answer": _remembered(turn, found, asked)}
    turn.dispatcher.utter_message(
        response="utter_answer_by_staff" if found.approved else "utter_answer",
        answer=_text(turn, found),
        citation="；".join(entry.citation for entry in cited) or turn.word("no_clause"),
        buttons=_buttons(turn, found, texts),
    )
    for entry in cited:
        _quote(turn, entry, texts)
        newer = texts.newer.get(entry.document.id)
        if newer:
            turn.say("utter_newer_version", title=newer.title, number=newer.number or newer.issued_on)
    also = [e.citation for e in found.entries[found.both :] if e.document.id == found.entries[0].document.id]
    if also:
        turn.say("utter_answer_also", citations="；".join(also[:2]))


def about_answer(turn: Turn) -> bool:
    """A button under the last answer, or its words; False where there is no answer or the message is about another matter."""
    last = turn.memory.get("answer")
    said = says_vote(turn.message.plain)
    wish = {True: USEFUL, False: USELESS}.get(said) if said is not None else turn.message.intent  # type: ignore[arg-type]
    if not last or wish not in (USEFUL, USELESS, NEIGHBOURS, WHOLE):
        return False
    if wish in (USEFUL, USELESS):
        _vote(turn, last, useful=wish == USEFUL)
    elif wish == NEIGHBOURS:
        _say_neighbours(turn, last["clause"])
    else:
        _quote(turn, digest().get(last["clause"]), _texts(turn), whole=True)
    return True


def forgotten(memory: dict[str, Any]) -> dict[str, Any]:
    """The memory without the answer that votes are about: something else was said since."""
    return {key: value for key, value in memory.items() if key != "answer"}


def _refuse(turn: Turn, found: documents.Answer) -> None:
    turn.memory = forgotten(turn.memory)
    if found.said:  # 没有这一条：第一百条
        turn.dispatcher.utter_message(text=found.said)
        return
    near = _texts(turn).nearest(turn.message.text) or next(iter(found.entries), None)
    with session_scope() as session:
        session.add(
            UnansweredQuestion(
                question=turn.message.text, nearest=near.id if near else None, channel=turn.channel,
                sender_id=turn.sender, created_at=turn.now,
            )
        )  # fmt: skip
    if near:
        text = _words(turn, near)
        turn.say("utter_no_answer_near", citation=near.citation, title=near.title, answer=text)
    else:
        turn.say("utter_no_answer")


def _texts(turn: Turn) -> Official:
    return official(turn.glance and turn.glance.texts)


def _words(turn: Turn, entry: Entry) -> str:
    return entry.answer_en if turn.language == "en" and entry.answer_en else entry.answer


def _text(turn: Turn, found: documents.Answer) -> str:
    if turn.language == "en" and found.said_en:
        return found.said_en
    if found.said or turn.language != "en":
        return found.text
    return "\n".join(_words(turn, entry) for entry in found.entries[: found.both])


def _remembered(turn: Turn, found: documents.Answer, asked: Followed | None) -> dict[str, Any]:
    clause, said = found.entries[0].id if found.entries else None, turn.message.text
    question = asked.question if asked else said
    topic = (asked and asked.topic) or Topic(question, clause)
    return {
        "question": question, "clause": clause, "approved": found.approved, "said": said,
        "topic": [topic.question, topic.clause],
    }  # fmt: skip


def _buttons(turn: Turn, found: documents.Answer, texts: Official) -> list[dict[str, str]]:
    names = [USEFUL, USELESS]
    if found.entries:
        names.insert(0, NEIGHBOURS)
        words = texts.words.get(found.entries[0].id)
        if words and len(words.text) > _QUOTED:
            names.insert(0, WHOLE)
    return [{"title": turn.word(f"choice_{name}"), "payload": f"/{name}"} for name in names]


def _quote(turn: Turn, entry: Entry | None, texts: Official, *, whole: bool = False) -> None:
    """The official words of a clause, of a long one those it is about unless the `whole` is wanted."""
    clause = texts.words.get(entry.id) if entry else None
    if entry is None or clause is None:
        return
    text = clause.text if whole else excerpt(clause, entry, _QUOTED)
    turn.say("utter_official", citation=entry.citation, text=text)


def _vote(turn: Turn, last: dict[str, Any], *, useful: bool) -> None:
    with session_scope() as session:
        vote(
            session, question=last["question"], clause=last["clause"], approved_id=last["approved"], useful=useful,
            channel=turn.channel, sender=turn.sender, now=turn.now,
        )  # fmt: skip
    turn.say("utter_vote_useful" if useful else "utter_vote_useless")


def _say_neighbours(turn: Turn, clause: str | None) -> None:
    found = beside(clause) if clause else ()
    for entry in found:
        turn.say("utter_neighbour", citation=entry.citation, title=entry.title, answer=_words(turn, entry))
    if not found:
        turn.say("utter_no_neighbours")
