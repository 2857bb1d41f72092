"""What the market's codes mean and what is done next (``data/reject_codes.yaml``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).parent.parent / "data" / "reject_codes.yaml"


NO_MEANING = "(no sourced meaning)"


class CodeList(StrEnum):
    """Which list a code belongs to: the same letters mean different things."""

    REJECT = "reject"
    """REF*7G of 814 and 650_02."""
    UNEXECUTABLE = "unexecutable"
    """REF*G7 of 814_28 and 650_02."""
    PERMIT = "permit"
    """BGN07 of 814_28."""
    CANCEL = "cancel"
    """814_08."""
    ADVICE = "advice"
    """824."""


class NextAction(StrEnum):
    """What is done about a code; the words of each stand in the data file."""

    ASK_A_PERSON = "ask_a_person"
    NONE = "none"
    WAIT = "wait"
    CORRECT_AND_RESEND = "correct_and_resend"
    RESEND_WITH_NEW_ID = "resend_with_new_id"
    RESEND_LATER = "resend_later"
    CHOOSE_ANOTHER_DATE = "choose_another_date"
    ASK_THE_CUSTOMER = "ask_the_customer"
    REMOVE_SWITCH_HOLD = "remove_switch_hold"
    CHECK_REP_OF_RECORD = "check_rep_of_record"
    SECOND_MOVE_OUT = "second_move_out"
    RECONNECT_BY_NEW_CR = "reconnect_by_new_cr"
    CHECK_METER_STATE = "check_meter_state"
    GET_PERMIT = "get_permit"
    CLOSE_ISSUE = "close_issue"
    TDSP_CORRECTS = "tdsp_corrects"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeMeaning:
    """A code of a list; ``text`` is what the sender wrote with it.

    ``meaning`` is empty and ``action`` ASK_A_PERSON where no source gives one.
    ``transactions`` are those that a source names it for; empty: not said. ``is_answered``
    tells of a cancel whether the TDSP may refuse it, None where that has no sense.
    """

    code: str
    code_list: CodeList
    meaning: str
    action: NextAction
    action_text: str
    transactions: tuple[str, ...] = ()
    senders: tuple[str, ...] = ()
    is_answered: bool | None = None
    confidence: str = "unsourced"
    source: str = ""
    text: str = ""

    @property
    def told(self) -> str:
        """``SHF Switch hold in force: HOLD SINCE 2026``; says where no source gives a meaning."""
        known = f"{self.code} {self.meaning or NO_MEANING}".strip()
        return f"{known}: {self.text}" if self.text else known


def find_code(*, code_list: CodeList, code: str, text: str = "") -> CodeMeaning:
    """What a code means; one that no table knows is for a person and keeps its text."""
    known = _codes().get((code_list, code.strip().upper()))
    if known is None:
        return CodeMeaning(
            code=code,
            code_list=code_list,
            meaning="",
            action=NextAction.ASK_A_PERSON,
            action_text=_action_texts()[NextAction.ASK_A_PERSON],
            text=text,
        )
    entry, action = known
    return CodeMeaning(
        code=code.strip().upper(),
        code_list=code_list,
        meaning=entry["meaning"],
        action=action,
        action_text=_action_texts()[action],
        transactions=tuple(entry.get("on", ())),
        senders=tuple(entry.get("by", ())),
        is_answered=entry.get("is_answered"),
        confidence=entry["confidence"],
        source=entry["source"],
        text=text,
    )


def list_codes(*, code_list: CodeList) -> Sequence[CodeMeaning]:
    """All codes of a list, by code."""
    codes = sorted(code for found, code in _codes() if found is code_list)
    return [find_code(code_list=code_list, code=code) for code in codes]


def explain_codes(
    *, code_list: CodeList, reasons: Sequence[tuple[str, str]]
) -> tuple[str, NextAction]:
    """The words for a person and what is done next, for (code, text) as sent.

    Where several codes ask for different things a person decides.
    """
    found = [find_code(code_list=code_list, code=code, text=text) for code, text in reasons]
    if not found:
        return "The sender gave no code.", NextAction.ASK_A_PERSON
    told = "\n".join(f"{meaning.told}\nNext: {meaning.action_text}" for meaning in found)
    actions = {meaning.action for meaning in found}
    return told, actions.pop() if len(actions) == 1 else NextAction.ASK_A_PERSON


@cache
def _data() -> Mapping[str, Any]:
    data: Mapping[str, Any] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return data


@cache
def _action_texts() -> Mapping[NextAction, str]:
    texts = _data()["actions"]
    return {action: texts[action.value].strip() for action in NextAction}


@cache
def _codes() -> Mapping[tuple[CodeList, str], tuple[Mapping[str, Any], NextAction]]:
    return {
        (code_list, code): (entry, NextAction(entry.get("action", NextAction.ASK_A_PERSON)))
        for code_list in CodeList
        for code, entry in _data()[code_list.value].items()
    }
