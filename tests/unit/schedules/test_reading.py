"""What people choose becomes one expression, one sentence, or a refusal that says what to do."""

from __future__ import annotations

from typing import Any

import pytest

from ledgercast.domain.cron import InvalidExpression, from_unix, normal
from ledgercast.domain.schedules import Schedule, ScheduleInvalid

LONDON = "Europe/London"

CHOSEN: list[tuple[dict[str, Any], str, str]] = [
    ({"every": "hour", "at": "00:00"}, "0 * * * ? *", "Every hour, on the hour"),
    ({"every": "hour", "at": "00:01"}, "1 * * * ? *", "Every hour, 1 minute past"),
    ({"every": "hour", "at": "00:45"}, "45 * * * ? *", "Every hour, 45 minutes past"),
    ({"every": "day", "at": "09:00"}, "0 9 * * ? *", "Every day at 09:00"),
    ({"every": "weekday", "at": "23:59"}, "59 23 ? * MON-FRI *", "Every weekday, Monday to Friday, at 23:59"),
    ({"every": "week", "days": ["mon"], "at": "09:00"}, "0 9 ? * MON *", "Every Monday at 09:00"),
    (
        {"every": "week", "days": ["mon", "wed", "sun"], "at": "07:30"},
        "30 7 ? * MON,WED,SUN *",
        "Every Monday, Wednesday and Sunday at 07:30",
    ),
    ({"every": "month", "day": 1, "at": "09:00"}, "0 9 1 * ? *", "On the 1st of every month at 09:00"),
    ({"every": "month", "day": 12, "at": "09:00"}, "0 9 12 * ? *", "On the 12th of every month at 09:00"),
    ({"every": "month", "day": 23, "at": "09:00"}, "0 9 23 * ? *", "On the 23rd of every month at 09:00"),
    (
        {"every": "month", "day": "first_weekday", "at": "09:00"},
        "0 9 1W * ? *",
        "On the first weekday of every month at 09:00",
    ),
    ({"every": "month", "day": "last", "at": "09:00"}, "0 9 L * ? *", "On the last day of every month at 09:00"),
    ({"every": "cron", "cron": "0 9 * * 1"}, "0 9 ? * MON *", "By cron 0 9 * * 1"),
    ({"every": "cron", "cron": "0 9 ? * MON-FRI *"}, "0 9 ? * MON-FRI *", "By cron 0 9 ? * MON-FRI *"),
]


@pytest.mark.parametrize(("chosen", "fields", "words"), CHOSEN, ids=lambda one: one if isinstance(one, str) else "")
def test_a_choice_becomes_an_expression_and_a_sentence(chosen: dict[str, Any], fields: str, words: str) -> None:
    schedule = Schedule.read({**chosen, "timezone": LONDON})

    assert schedule.expression() == f"cron({fields})"
    assert schedule.words() == f"{words}, {LONDON}"


@pytest.mark.parametrize("chosen", [one for one, _, _ in CHOSEN])
def test_what_is_given_back_is_what_was_chosen_and_no_more(chosen: dict[str, Any]) -> None:
    beside = {"days": ["tue"], "day": 3, "cron": "1 1 1 1 *", "colour": "red"}
    schedule = Schedule.read({**beside, **chosen, "timezone": LONDON})

    assert schedule.to_json() == {**chosen, "timezone": LONDON}
    assert Schedule.stored(schedule.to_json()) == schedule


def test_what_a_form_sends_is_read_as_well() -> None:
    assert Schedule.read({"every": "week", "days": "MON, fri", "at": " 9:05 ", "timezone": LONDON}).to_json() == {
        "every": "week",
        "days": ["mon", "fri"],
        "at": "09:05",
        "timezone": LONDON,
    }
    assert Schedule.read({"every": "month", "day": "07", "at": "09:00", "timezone": LONDON}).day == 7
    assert Schedule.read({"every": "cron", "cron": " cron( 0 9 ? * 2 * ) ", "timezone": LONDON}).cron == "0 9 ? * 2 *"


@pytest.mark.parametrize("kept", [{}, {"every": "week"}, {"every": "day", "at": "09:00"}, {"every": "fortnight"}])
def test_a_row_without_a_whole_schedule_has_none(kept: dict[str, Any]) -> None:
    assert Schedule.stored(kept) is None


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("every", {"every": None}, "Choose how often"),
    ("every", {"every": ["day"]}, "Choose how often"),
    ("every", {"every": "fortnight"}, "Choose how often"),
    ("at", {"every": "day"}, "such as 09:00"),
    ("at", {"every": "day", "at": "24:00"}, "such as 09:00"),
    ("at", {"every": "day", "at": "9"}, "such as 09:00"),
    ("at", {"every": "day", "at": "09:60"}, "such as 09:00"),
    ("at", {"every": "day", "at": "٠٩:٠٠"}, "such as 09:00"),
    ("at", {"every": "day", "at": 9}, "such as 09:00"),
    ("days", {"every": "week", "at": "09:00"}, "at least one day"),
    ("days", {"every": "week", "at": "09:00", "days": []}, "at least one day"),
    ("days", {"every": "week", "at": "09:00", "days": 1}, "at least one day"),
    ("days", {"every": "week", "at": "09:00", "days": ["mon", "noday"]}, "mon, tue"),
    ("days", {"every": "week", "at": "09:00", "days": [None]}, "mon, tue"),
    ("day", {"every": "month", "at": "09:00"}, "1 to 28"),
    ("day", {"every": "month", "at": "09:00", "day": 0}, "1 to 28"),
    ("day", {"every": "month", "at": "09:00", "day": 31}, "some months have no day after the 28th"),
    ("day", {"every": "month", "at": "09:00", "day": True}, "1 to 28"),
    ("day", {"every": "month", "at": "09:00", "day": "LW"}, "1 to 28"),
    ("cron", {"every": "cron"}, "five fields"),
    ("cron", {"every": "cron", "cron": "x" * 10_000}, "five fields"),
    ("cron", {"every": "cron", "cron": "every monday"}, "needs five fields, or six"),
    ("cron", {"every": "cron", "cron": "61 9 * * *"}, "61 is not a value from 0 to 59"),
    ("cron", {"every": "cron", "cron": "0 9 15 * MON"}, "a day of the month or a day of the week"),
    ("cron", {"every": "cron", "cron": "0 9 L * *"}, "EventBridge's signs"),
    ("cron", {"every": "cron", "cron": "0 9 30 2 *"}, "names no time that"),
    ("cron", {"every": "cron", "cron": "0 9 1 1 ? 2001"}, "names no time that"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": ""}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": "Europe"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": "Europe/"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": "Europe/Atlantis"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": "posix/Europe/London"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": "../../etc/passwd"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": "Europe/\0"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": f"Europe/{'x' * 10_000}"}, "such as Europe/London"),
    ("timezone", {"every": "day", "at": "09:00", "timezone": {"name": LONDON}}, "such as Europe/London"),
]


@pytest.mark.parametrize(("field", "given", "says"), REFUSED)
def test_what_cannot_be_planned_names_its_field_and_what_to_do(field: str, given: dict[str, Any], says: str) -> None:
    with pytest.raises(ScheduleInvalid) as refused:
        Schedule.read({"timezone": LONDON, **given})

    assert refused.value.field == field
    assert says in refused.value.message
    assert len(refused.value.message) < 300


@pytest.mark.parametrize(
    ("unix", "ours"),
    [
        ("0 9 * * *", "0 9 * * ? *"),
        ("*/15 9-17 * * *", "0/15 9-17 * * ? *"),
        ("0 9 * * 0", "0 9 ? * SUN *"),
        ("0 9 * * 7", "0 9 ? * SUN *"),
        ("0 9 * * 1-5", "0 9 ? * MON,TUE,WED,THU,FRI *"),
        ("0 9 * * 5-7", "0 9 ? * FRI,SAT,SUN *"),
        ("0 9 * * mon,THU", "0 9 ? * MON,THU *"),
        ("0 9 * * */3", "0 9 ? * WED,SAT,SUN *"),
        ("0 9 1,15 jan-mar *", "0 9 1,15 JAN-MAR ? *"),
        ("0 9 */10 */6 *", "0 9 1/10 1/6 ? *"),
        ("5 4 * JUL WED", "5 4 ? JUL WED *"),
    ],
)
def test_five_fields_of_unix_are_translated_whose_sunday_is_0_and_7(unix: str, ours: str) -> None:
    assert from_unix(unix) == ours


@pytest.mark.parametrize(
    "unix", ["@daily", "0 9 * *", "0 9 * * * *", "0 9 * * 8", "0 9 ? * 1", "0 9 1W * *", "0 9 * * 1#2"]
)
def test_what_unix_does_not_know_is_refused(unix: str) -> None:
    with pytest.raises(InvalidExpression):
        from_unix(unix)


def test_a_step_over_everything_is_written_with_its_beginning() -> None:
    """The User Guide shows `/` after a number alone."""
    assert normal("*/5 */2 ? */3 2-6/2 */2") == "0/5 0/2 ? 1/3 2-6/2 1970/2"
