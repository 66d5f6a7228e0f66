from __future__ import annotations

import datetime as dt
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from bridge.model import identity

TODAY = dt.date(2026, 11, 23)
REAL_FORMS = ("91130200699229617X", "11370800MB28559184", "12441500196720244T", "11430000006122244L")
"""Recomputed in TARGETS 5.1, together with the invented ones below."""

bodies = st.text(identity.USCC_ALPHABET, min_size=17, max_size=17)
digits = st.text(string.digits, min_size=16, max_size=16)


@pytest.mark.parametrize("code", [*REAL_FORMS, "91120116MA05000011", "91120110700000001R", "11120000000000000T"])
def test_known_codes_pass(code: str) -> None:
    """GB 32100: codes whose check character was computed elsewhere are right here too."""
    assert identity.is_uscc(code)


@given(bodies)
def test_a_code_with_its_check_character_passes_here_and_at_the_oracle(body: str) -> None:
    """Our check character is python-stdnum's, but for all zeros, which it takes and we do not."""
    code = body + identity.uscc_check(body)
    assert identity.is_uscc(code) == (code != "0" * 18)
    assert uscc.calc_check_digit(body) == code[17]


def test_a_remainder_of_zero_gives_the_check_character_zero() -> None:
    """The trap of GB 32100: 31 - 0 is no character of the alphabet."""
    body = next(f"{number:017d}" for number in range(1, 100) if identity.uscc_check(f"{number:017d}") == "0")
    assert identity.is_uscc(body + "0")


@given(bodies, st.integers(0, 17), st.sampled_from(identity.USCC_ALPHABET))
def test_one_wrong_character_is_found(body: str, place: int, other: str) -> None:
    """The check character finds every single wrong character."""
    code = body + identity.uscc_check(body)
    wrong = code[:place] + other + code[place + 1 :]
    assert identity.is_uscc(wrong) == (wrong == code and code != "0" * 18)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("9113020069922961７X", "wide"),
        ("91130200699229617x", "case"),
        ("91130200699229617", "length"),
        ("91130200699229617X\n", "length"),
        (" 91130200699229617X", "length"),
        ("91I30200699229617X", "letters"),
        ("9113O200699229617X", "letters"),
        ("91S30200699229617X", "letters"),
        ("91V30200699229617X", "letters"),
        ("91Z30200699229617X", "letters"),
        ("0" * 18, "zero"),
        ("91130200699229617Y", "check"),
        ("", "length"),
    ],
)
def test_what_is_wrong_with_a_code_is_named(code: str, problem: str) -> None:
    """TARGETS 5.4: each usual slip in a 统一社会信用代码 has a name of its own."""
    assert identity.uscc_problem(code) == problem


@given(digits.map(lambda rest: f"1{rest}"))
def test_an_identity_number_has_the_check_character_of_the_oracle(body: str) -> None:
    """Our check character is python-stdnum's."""
    number = body + identity.id_card_check(body)
    assert identity.is_id_card(number)
    assert ric.calc_check_digit(number) == number[17]


@pytest.mark.parametrize(
    "body", ["81000019900307001", "82000019900307001", "83000019900307001", "91100019900307001", "12011620080101001"]
)
def test_cards_that_libraries_refuse_are_taken(body: str) -> None:
    """HARDENING finding 6: residents of 港澳台, foreigners, and 滨海新区 before 2009 are no errors and no doubts."""
    number = body + identity.id_card_check(body)
    assert identity.is_id_card(number)
    assert identity.id_card_doubt(number, TODAY) == ""


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("120101198001010012", ""),
        ("12010119800101001２", "wide"),
        ("12010119800101001x", "case"),
        ("120101800101001", "length"),
        ("12010119800101001Y", "letters"),
        ("120101198001010013", "check"),
        ("020101198001010012", "letters"),
    ],
)
def test_what_is_wrong_with_an_identity_number_is_named(number: str, problem: str) -> None:
    """TARGETS 5.4: old numbers, small x, full-width digits and wrong checks are told apart."""
    assert identity.id_card_problem(number) == problem


@pytest.mark.parametrize(
    ("body", "doubt"),
    [
        ("12010119900230001", "birth"),
        ("12010120990101001", "birth"),
        ("12010118500101001", "birth"),
        ("10010119900203001", "region"),
        ("66010119900203001", "region"),
        ("12010119900203001", ""),
    ],
)
def test_an_odd_region_or_date_is_a_doubt_and_no_error(body: str, doubt: str) -> None:
    """HARDENING finding 6: the checksum decides; region and birth date only ask."""
    number = body + identity.id_card_check(body)
    assert identity.is_id_card(number)
    assert identity.id_card_doubt(number, TODAY) == doubt


@given(st.text(max_size=30))
def test_no_text_raises(text: str) -> None:
    """Every check answers for any text."""
    for check in (
        identity.is_uscc,
        identity.is_id_card,
        identity.is_mobile,
        identity.is_phone,
        identity.is_zip,
        identity.is_email,
        identity.is_permit_number,
        identity.is_outlet,
        identity.is_facility,
        identity.is_treatment,
    ):
        assert isinstance(check(text), bool)


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (
            identity.is_mobile,
            ["13800138000", "19912345678"],
            ["8613800138000", "12800138000", "138 00138000", "022-12345678"],
        ),
        (
            identity.is_phone,
            ["022-12345678", "0316-1234567-12", "13800138000"],
            ["12345678", "022 12345678", "０22-12345678"],
        ),
        (identity.is_zip, ["300041"], ["30004", "3000411", "３00041", "300041\n"]),
        (identity.is_email, ["a.b@example.com"], ["a@b", "@example.com", "a b@example.com", "甲@example.com"]),
        (
            identity.is_permit_number,
            ["91130200699229617X001P", "91130200699229617X999W"],
            ["91130200699229617X000P", "91130200699229617X001", "91130200699229617X001p", "91130200699229617Y001P"],
        ),
        (identity.is_outlet, ["DA001", "DW123"], ["DA1", "DA-001", "da001", "DA000", "DB001", "DA001\n"]),
        (identity.is_facility, ["MF0001"], ["MF001", "MF0000", "mf0001"]),
        (identity.is_treatment, ["TA001", "TW001", "TN001", "TS001"], ["TB001", "TA000", "TA1"]),
    ],
)
def test_forms_of_numbers(check, good: list[str], bad: list[str]) -> None:
    """TARGETS 2.3, 5.1, 5.4: what is right passes, and what people send instead does not."""
    assert all(check(one) for one in good)
    assert not any(check(one) for one in bad)
