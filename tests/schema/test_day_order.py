from __future__ import annotations

from datetime import date

import pytest

from review.schema.cell_types import CellError
from review.schema.day_order import day_readings, in_order, settle_day_order


@pytest.mark.parametrize(
    "text",
    ["2019-02-03", "2019/2/3", "2019.02.03", "2019-02-03 00:00:00", "2019-02-03T04:05:06",
     "3 Feb 2019", "03-Feb-2019", "3rd February 2019", "Feb 3, 2019", "February 3 2019",
     "3. Feb 2019"],
)  # fmt: skip
def test_clear_dates(text):
    reading = day_readings(text)
    assert reading.clear == date(2019, 2, 3)
    assert reading.precision == "day"


@pytest.mark.parametrize("text", ["03/02/2019", "3-2-2019", "03.02.2019", "03 02 2019"])
def test_ambiguous_dates_have_two_readings(text):
    reading = day_readings(text)
    assert reading.clear is None
    assert (reading.day_first, reading.month_first) == (date(2019, 2, 3), date(2019, 3, 2))


def test_a_day_above_12_shows_the_order():
    assert day_readings("25/12/2019").shows == "day"
    assert day_readings("12/25/2019").shows == "month"
    assert day_readings("02/02/2019").clear == date(2019, 2, 2)


def settled(*texts):
    return settle_day_order([day_readings(t) for t in texts])


def test_the_order_is_settled_by_the_column():
    assert settled("03/02/2019", "25/12/2019") == "day"
    assert settled("03/02/2019", "12/25/2019") == "month"
    assert settled("03/02/2019") is None
    assert settled("03/02/2019", "25/12/2019", "12/25/2019") is None
    assert settled("03.02.2019") == "day"
    assert settled("03.02.2019", "02.25.2019") == "month"


@pytest.mark.parametrize("text", ["2019", "2019-02", "02/2019", "Feb 2019"])
def test_months_and_years_are_known_as_such(text):
    reading = day_readings(text)
    assert reading.clear in {date(2019, 1, 1), date(2019, 2, 1)}
    assert reading.precision in {"month", "year"}


@pytest.mark.parametrize("text", ["soon", "12", "3 Foo 2019", "1/2", "2019-2020", ""])
def test_what_is_no_date(text):
    assert day_readings(text) is None


@pytest.mark.parametrize("text", ["2019-02-30", "31/04/2019", "45/45/2019", "30 Feb 2019"])
def test_days_that_no_calendar_has(text):
    with pytest.raises(CellError, match="no day of the calendar"):
        day_readings(text)


def test_two_digits_of_a_year_are_refused_with_a_suggestion():
    with pytest.raises(CellError, match="two digits") as caught:
        day_readings("03/02/19")
    assert caught.value.suggestion == "03/02/2019"
    with pytest.raises(CellError) as caught:
        day_readings("3 Feb 85")
    assert caught.value.suggestion == "3 Feb 1985"


def test_rows_are_ordered_when_both_readings_agree():
    cells = [day_readings(t) for t in ("03/02/2019", "11/01/2021", "07/05/2018")] + [None]
    days = in_order(cells, None)
    assert [d and d.year for d in days] == [2019, 2021, 2018, None]


def test_an_order_that_depends_on_the_reading_is_refused():
    cells = [day_readings(t) for t in ("03/02/2019", "02/03/2019")]
    with pytest.raises(CellError, match="day or month stands first"):
        in_order(cells, None)
    assert in_order(cells, "day") == [date(2019, 2, 3), date(2019, 3, 2)]
    assert in_order(cells, "month") == [date(2019, 3, 2), date(2019, 2, 3)]
