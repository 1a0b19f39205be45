"""The response to an incident: who proposes, approves, starts and ends it (5.1, 5.4, 5.5), and the groups of 2.2.

Steps follow the grade that staff confirmed. Where a graver grade is confirmed its response is proposed anew; whoever
started the gravest one ends it (谁启动，谁结束), also when the grade fell since.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.errors import BadInput
from bot.storage.tables import Incident
from bot.water.duty.duty_lines import duty_board, tick, untick
from bot.water.incidents.history import note
from bot.water.incidents.moments import locked
from bot.water.incidents.states import OPEN
from bot.water.incidents.steps import STEPS, GroupState, Steps, Taken, steps_of
from bot.water.plan.duties import Duty, Response, duties_for, response_for
from bot.water.plan.duty_clocks import rank
from bot.water.plan.groups import all_groups
from bot.water.words import short_grade, words

_PROPOSES_END, _APPROVES_END = "供水突发事故责任单位", "现场指挥部"
_TEAMS = "所属应急队伍"
_END_CLAUSE, _ORDER_CLAUSE = "5.4.2(1)", "5.4.2(2)"


@dataclass(frozen=True)
class Turn:
    """A step that can be taken: whose turn it is, towards whom, under which clause, by when in the plan's words.

    `office` of the proposal to end is a role (供水突发事故责任单位): whoever that is puts its own name.
    """

    step: str
    label: str
    grade: str
    office: str
    to: str | None
    clause: str
    when: str | None = None


@dataclass(frozen=True)
class ResponseState:
    """How the response stands.

    Attributes:
        grade: the grade that staff confirmed; None: no response without one.
        running: the grade whose response was started and has not ended.
        taken: the steps, oldest first, since the incident was last opened.
        turns: what may come next; () where the grade waits for staff, or the end was declared.
        ended_at: when the end was declared.
        aftercare_lead, aftercare_clause: who leads the aftercare (6.1), by the response that ran or runs.
    """

    grade: str | None
    running: str | None
    taken: tuple[Taken, ...]
    turns: tuple[Turn, ...]
    ended_at: datetime | None
    aftercare_lead: str | None
    aftercare_takes_part: str | None
    aftercare_guided_by: str | None
    aftercare_clause: str | None
    groups: tuple[GroupState, ...]


def response_of(session: Session, incident: Incident) -> ResponseState:
    """How the response to `incident` stands, and whose turn it is."""
    steps = steps_of(session, incident)
    taken, running = steps.taken, steps.running
    grade = incident.confirmed_grade
    started = [one.grade for one in taken if one.step == "started"]
    ended = next((one.at for one in reversed(taken) if one.step == "ended"), None)
    if _goes_on(steps, grade) or rank(grade) < min(map(rank, started), default=rank(None)):
        ended = None  # it got graver than what had been ended, and that is answered anew
    level = response_for(min([*started, *([] if started and ended else [grade])], key=rank))
    return ResponseState(
        grade=grade, running=running, taken=taken, turns=() if ended else _turns(grade, steps),
        ended_at=ended, groups=steps.groups,
        aftercare_lead=level.aftercare_lead if level else None,
        aftercare_takes_part=level.aftercare_takes_part if level else None,
        aftercare_guided_by=level.aftercare_guided_by if level else None,
        aftercare_clause=dict(level.clauses)["aftercare_lead"] if level else None,
    )  # fmt: skip


def running_grade(session: Session, incident: Incident) -> str | None:
    """The grade whose response runs, was started and has not ended (5.5); None: none does."""
    return steps_of(session, incident).running


def runs_at(session: Session, state: ResponseState) -> str | None:
    """Number of the open incident that the running response was started for, where that is another and it runs there.

    Then it is one response, and its end is declared there (5.5): this part may be closed once its water is back.
    """
    begun = [one for one in state.taken if one.step == "started" and one.grade == state.running]
    number = begun[-1].carried_from if begun else None
    if number is None:
        return None
    whole = session.scalars(select(Incident).where(Incident.number == number)).first()
    return number if whole is not None and whole.status == OPEN and running_grade(session, whole) else None


def take_step(
    session: Session, *, number: str, step: str, by: str | None, now: datetime, office: str = ""
) -> ResponseState:
    """Note that `office` ("": the one that the plan names) took a step; the duties that it does are done with it.

    Raises:
        NotFound: there is no such incident.
        BadInput: it is not the turn of this step, or of this office.
    """
    incident = locked(session, number)
    state = response_of(session, incident)
    turn = next((turn for turn in state.turns if turn.step == step), None)
    if turn is None:
        raise BadInput(_not_now(state, step))
    office = office.strip() or turn.office
    if office != turn.office and turn.office != _PROPOSES_END:
        raise BadInput(
            f"{short_grade(turn.grade)}的“{turn.label}”由{turn.office}办（{turn.clause}），不是{office}。"
        )
    note(
        session,
        incident,
        "step",
        at=now,
        by=by,
        step=step,
        grade=turn.grade,
        office=office,
        clause=turn.clause,
    )
    for key in _keys(session, incident, turn, now):
        how = f"{turn.label}：{office}"
        tick(session, incident=incident, key=key, by=by, how=how, now=now, step=turn.step)
    return response_of(session, incident)


def withdraw_step(
    session: Session, *, number: str, step: str, by: str | None, reason: str, now: datetime
) -> ResponseState:
    """The last step taken was noted by mistake; that it was stays in the history.

    Raises:
        NotFound: there is no such incident.
        BadInput: `step` is not the last one, or no reason is given.
    """
    incident = locked(session, number)
    last = response_of(session, incident).taken[-1:]
    if not last or last[0].step != step:
        raise BadInput("只能撤回最后办的一步。请刷新页面，看最后一步是什么。")
    if not reason.strip():
        raise BadInput("撤回要写理由。")
    note(
        session, incident, "step", at=now, by=by, step=step, grade=last[0].grade, withdrawn=True,
        reason=reason.strip(),
    )  # fmt: skip
    for line in duty_board(session, incident, now):
        if line.step == step and line.done_at == last[0].at:
            untick(session, incident=incident, key=line.key, by=by, now=now, reason=reason)
    return response_of(session, incident)


def call_group(
    session: Session, *, number: str, group: str, by: str | None, now: datetime, out: bool = True
) -> ResponseState:
    """The field command calls out a group of 2.2, or (`out` False) stands it down.

    Raises:
        NotFound: there is no such incident.
        BadInput: there is no such group.
    """
    incident = locked(session, number)
    if group not in {known.name for known in all_groups()}:
        raise BadInput(f"2.2 里没有“{group}”，有 {'、'.join(known.name for known in all_groups())}。")
    note(session, incident, "step", at=now, by=by, group=group, out=out)
    return response_of(session, incident)


def _goes_on(steps: Steps, grade: str | None) -> bool:
    """Whether a response runs, or one to `grade` came in after the end with an incident that was merged."""
    return steps.running is not None or any(one.grade == grade for one in steps.since_end)


def _turns(grade: str | None, steps: Steps) -> tuple[Turn, ...]:
    running = steps.running
    if running is not None and rank(running) <= rank(grade):
        level, order = running, _ending(running)
    elif grade is not None:
        level, order = grade, tuple(turn for turn in _opening(grade) if turn.step != "filed")
    else:
        return ()
    done = {one.step for one in steps.since_end if one.grade == level}
    filing = [turn for turn in _opening(level) if turn.step == "filed" and "filed" not in done]
    coming = [turn for turn in order if turn.step not in done][:1]
    # 备案 holds nobody up: it stays open beside what comes next.
    if filing and "proposed" in done:
        return (*filing, *coming)
    return tuple(coming)


def _opening(grade: str) -> tuple[Turn, ...]:
    """The steps to the start of the response to `grade`."""
    response = response_for(grade)
    if response is None:
        return ()
    to = response.filed_with or response.approved_through
    turns = [_turn(response, "proposed", response.proposed_by, to, response.proposed_when)]
    if response.filed_with:
        turns.append(_turn(response, "filed", response.proposed_by, response.filed_with))
    if response.approved_by:
        turns.append(_turn(response, "approved", response.approved_by, None))
    return (*turns, _turn(response, "started", response.started_by, None))


def _turn(response: Response, step: str, office: str, to: str | None, when: str | None = None) -> Turn:
    name = {"filed": "filed_with"}.get(step, f"{step}_by")
    return Turn(step, words()["steps"][step], response.level, office, to, dict(response.clauses)[name], when)


def _ending(grade: str) -> tuple[Turn, ...]:
    """The steps to the end of the response to `grade`, one after the other as 5.4.2 and 5.5 have them.

    Proposed, approved on the scene, ordered from there to the teams, declared by who started it.
    """
    response, label = response_for(grade), words()["steps"]
    if response is None:
        return ()
    return (
        Turn("end_proposed", label["end_proposed"], grade, _PROPOSES_END, _APPROVES_END, _END_CLAUSE),
        Turn("end_approved", label["end_approved"], grade, _APPROVES_END, None, _END_CLAUSE),
        Turn("end_ordered", label["end_ordered"], grade, _APPROVES_END, _TEAMS, _ORDER_CLAUSE),
        Turn("ended", label["ended"], grade, response.ended_by, None, dict(response.clauses)["ended_by"]),
    )


def _keys(session: Session, incident: Incident, turn: Turn, now: datetime) -> tuple[str, ...]:
    """The open lines that the step does."""
    steps: dict[str, Duty] = {duty.key: duty for duty in duties_for(turn.grade) if duty.step == turn.step}
    board = duty_board(session, incident, now)
    return tuple(line.key for line in board if line.key in steps and line.done_at is None)


def _not_now(state: ResponseState, step: str) -> str:
    label = words()["steps"].get(step)
    if label is None:
        return f"没有“{step}”这一步，只有 {'、'.join(STEPS)}。"
    if state.ended_at is not None:
        return f"应急已经结束（{state.ended_at:%m-%d %H:%M}），不能再“{label}”。"
    if not state.turns:
        return f"级别还没有确认，不能“{label}”。请先确认级别。"
    coming = "、".join(f"{turn.office}{turn.label}（{turn.clause}）" for turn in state.turns)
    return f"现在还轮不到“{label}”。接下来是：{coming}。"
