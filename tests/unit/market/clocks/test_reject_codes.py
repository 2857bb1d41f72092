import pytest

from ossrep.market.domain.reject_codes import (
    CodeList,
    NextAction,
    explain_codes,
    find_code,
    list_codes,
)


class TestFindCode:
    @pytest.mark.parametrize(
        ("code_list", "code", "action"),
        [
            (CodeList.REJECT, "DUP", NextAction.WAIT),
            (CodeList.REJECT, "DOT", NextAction.RESEND_WITH_NEW_ID),
            (CodeList.REJECT, "SHF", NextAction.REMOVE_SWITCH_HOLD),
            (CodeList.REJECT, "150", NextAction.CHOOSE_ANOTHER_DATE),
            (CodeList.UNEXECUTABLE, "T023", NextAction.NONE),
            (CodeList.PERMIT, "09", NextAction.CORRECT_AND_RESEND),
            (CodeList.CANCEL, "PNR", NextAction.GET_PERMIT),
            (CodeList.ADVICE, "008", NextAction.TDSP_CORRECTS),
        ],
    )
    def test_names_what_is_done_next(self, code_list, code, action):
        assert find_code(code_list=code_list, code=code).action is action

    def test_keeps_an_unknown_code_with_its_text_for_a_person(self):
        found = find_code(code_list=CodeList.REJECT, code="ZZ9", text="SOMETHING NEW")

        assert (found.action, found.meaning) == (NextAction.ASK_A_PERSON, "")
        assert found.told == "ZZ9 (no sourced meaning): SOMETHING NEW"

    def test_leaves_a_code_without_sourced_meaning_to_a_person(self):
        found = find_code(code_list=CodeList.REJECT, code="PCI", text="NO PERMIT?")

        assert (found.action, found.confidence) == (NextAction.ASK_A_PERSON, "unsourced")

    def test_tells_the_lists_apart(self):
        told = [find_code(code_list=c, code="A13").action for c in CodeList]

        assert told[0] is NextAction.ASK_A_PERSON
        assert told[-1] is NextAction.TDSP_CORRECTS

    def test_says_whether_the_tdsp_may_refuse_a_cancel(self):
        cancels = {c.code: c.is_answered for c in list_codes(code_list=CodeList.CANCEL)}

        assert [code for code, answered in cancels.items() if answered] == [
            "A13",
            "A95",
            "B40",
            "PNR",
        ]

    def test_says_which_cancels_a_retailer_may_send(self):
        ours = [c.code for c in list_codes(code_list=CodeList.CANCEL) if "CR" in c.senders]

        assert ours == ["A13", "B40"]


class TestListCodes:
    @pytest.mark.parametrize(
        ("code_list", "count"),
        [("reject", 26), ("unexecutable", 6), ("cancel", 18), ("advice", 30)],
    )
    def test_has_all_collected_codes(self, code_list, count):
        codes = list_codes(code_list=CodeList(code_list))

        assert len(codes) == count
        assert all(code.source and code.action_text for code in codes)


class TestExplainCodes:
    def test_tells_meaning_text_and_next_step(self):
        told, action = explain_codes(code_list=CodeList.REJECT, reasons=[("DIP", "BAD DATE")])

        assert told == (
            "DIP Date in the past: backdated move-in without IA or CR: BAD DATE\n"
            "Next: Choose another date and send a new order."
        )
        assert action is NextAction.CHOOSE_ANOTHER_DATE

    def test_asks_a_person_where_codes_disagree(self):
        _, action = explain_codes(code_list=CodeList.REJECT, reasons=[("DIP", ""), ("SHF", "")])

        assert action is NextAction.ASK_A_PERSON

    def test_asks_a_person_without_a_code(self):
        assert explain_codes(code_list=CodeList.REJECT, reasons=[])[1] is NextAction.ASK_A_PERSON
