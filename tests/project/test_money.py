"""The money macros (M3) against Python's Decimal, on random and extreme numbers; and sums over the marts' types up to 10^15 USD."""

import decimal
import random
import re
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

import duckdb
import jinja2
import pytest
import yaml
from project import warehouse as w

UNIT = Decimal("1E-18")
QUANTITIES, PRICES, AMOUNTS, RATES = (10, 15), (16, 22), (15, 18), (10, 18)  # digits before and behind the point
LINES = 4000
LARGEST_SUM = 10**15  # USD


def macros(file):
    """The macros of a file, as functions that give SQL."""
    return jinja2.Environment().from_string((w.PROJECT / "macros" / file).read_text()).module


MONEY, TEXT = macros("money.sql"), macros("text.sql")


@pytest.fixture(autouse=True, scope="module")
def exact():
    with decimal.localcontext() as context:
        context.prec = 100
        yield


def rounded(number):
    """M3: to 18 decimals, half away from zero."""
    return number.quantize(UNIT, ROUND_HALF_UP)


def draw(rng, digits):
    """A number of any size and any number of decimals that a type holds, often short, all nines, or near a half unit."""
    before, behind = digits
    decimals = rng.choice((0, 2, 6, 8, behind - 1, behind))
    whole = rng.choice((0, rng.randrange(10), rng.randrange(1000), rng.randrange(10 ** rng.randrange(1, before + 1)), 10**before - 1))
    fraction = rng.choice((0, 1, 5 * 10 ** max(decimals - 1, 0), rng.randrange(10**decimals), 10**decimals - 1)) if decimals else 0
    return rng.choice((1, 1, 1, -1)) * (whole + Decimal(fraction).scaleb(-decimals))


def near_halves(rng):
    """A quantity and a price whose product is a half unit of the 18th decimal beside a whole number of them, or differs in the last digit."""
    decimals = rng.randrange(1, 16)
    quantity = Decimal(rng.choice((1, 2, 5, 8, 125))).scaleb(-decimals)
    price = (rng.randrange(10**6) * UNIT + UNIT / 2) / quantity
    price = min(price, Decimal(10**15)).quantize(Decimal("1E-22"), ROUND_DOWN) + rng.choice((0, 0, -1, 1)) * Decimal("1E-22")
    return rng.choice((1, -1)) * quantity, price


def column(numbers, type_):
    """SQL of a list of numbers, exactly."""
    return "[" + ", ".join(f"'{number:f}'::{type_}" for number in numbers) + "]"


def rows(types, numbers, expression):
    """What an SQL expression gives for rows of numbers.  types: {column: type}.  numbers: tuples in the order of the columns."""
    lists = ", ".join(f"unnest({column(values, type_)}) as {name}" for (name, type_), values in zip(types.items(), zip(*numbers)))
    with duckdb.connect() as connection:
        return [row[0] for row in connection.execute(f"with numbers as (select {lists}) select {expression} from numbers").fetchall()]


@pytest.fixture(scope="module")
def pairs(exact):
    rng = random.Random(3)
    return [near_halves(rng) for _ in range(LINES)] + [(draw(rng, QUANTITIES), draw(rng, PRICES)) for _ in range(LINES)]


PAIR = {"quantity": "decimal(25, 15)", "price": "decimal(38, 22)"}


def test_the_wide_path_is_exact(pairs):
    got = rows(PAIR, pairs, MONEY.rounded(MONEY.product("quantity", "price")))
    exact = [quantity * price for quantity, price in pairs]
    assert [(pair, cost) for pair, cost, product in zip(pairs, got, exact) if abs(product) < 10**16 - 1 and cost != rounded(product)] == []
    assert {cost for cost, product in zip(got, exact) if abs(product) >= 10**16} == {None}
    assert sum(abs(product) % UNIT == UNIT / 2 for product in exact) > LINES / 10, "halves are among the numbers"


def test_what_the_wide_path_cuts_is_the_rest(pairs):
    numbers = [pair for pair in pairs if abs(pair[0] * pair[1]) < 10**16 - 1]
    cut = rows(PAIR, numbers, MONEY.product("quantity", "price"))
    rest = rows(PAIR, numbers, MONEY.product_rest("quantity", "price"))
    assert [pair for pair, a, b in zip(numbers, cut, rest) if a + b != pair[0] * pair[1]] == []


def test_the_short_path_is_exact_or_not_taken(pairs):
    short = f"{MONEY.short_quantity('quantity')} * {MONEY.short_price('price')}"
    taken = 0
    for (quantity, price), cost in zip(pairs, rows(PAIR, pairs, short)):
        is_short = quantity % Decimal("1E-6") == 0 and price % Decimal("1E-8") == 0 and abs(price) < 10**12
        assert cost == (quantity * price if is_short else None), (quantity, price)
        taken += is_short
    assert taken > LINES / 10


def test_credit_is_rounded_once():
    rng = random.Random(4)
    numbers = [(draw(rng, AMOUNTS), Decimal(rng.randrange(10**4 + 1)).scaleb(-4), None) for _ in range(LINES)]
    lines = {"list_cost_usd": "decimal(38, 18)", "rate": "decimal(5, 4)"}
    short = "case when list_cost_usd = round(list_cost_usd, 14) then list_cost_usd::decimal(38, 14) end as short_list_cost_usd"
    credit = MONEY.credit_at("lines", "rate")
    got = rows(lines, [n[:2] for n in numbers], f"(select {credit} from (select list_cost_usd, rate, {short}) as lines)")
    wide = rows(lines, [n[:2] for n in numbers], f"(select {credit} from (select list_cost_usd, rate, null::decimal(38, 14) as short_list_cost_usd) as lines)")
    expected = [rounded(cost * rate) for cost, rate, _ in numbers]
    assert got == expected
    assert wide == expected


@pytest.mark.parametrize("decimals, rounding", [("round", ROUND_HALF_UP), ("trunc", ROUND_DOWN)])
def test_conversion_is_exact(decimals, rounding):
    rng = random.Random(5)
    numbers = [(draw(rng, AMOUNTS), abs(draw(rng, RATES))) for _ in range(LINES)]
    got = rows({"amount": "decimal(38, 18)", "rate": "decimal(28, 18)"}, numbers, MONEY.in_billing_currency("amount", "rate", decimals))
    for (amount, rate), converted in zip(numbers, got):
        expected = (amount * rate).quantize(UNIT, rounding)
        assert converted == (expected if abs(expected) < 10**20 else None), (amount, rate)


def test_effective_price_is_rounded_once():
    rng = random.Random(6)
    numbers = [(Decimal(rng.randrange(-(10**17), 10 ** rng.randrange(1, 18))).scaleb(-2), draw(rng, (16, 15))) for _ in range(LINES)]
    units = MONEY.divide("cost", "quantity", 28, 7)
    got = rows({"cost": "decimal(38, 2)", "quantity": "decimal(38, 15)"}, numbers, f"try({units})")
    for (cost, quantity), price in zip(numbers, got):
        if quantity == 0 or abs(cost / quantity) < 10**16:
            expected = None if quantity == 0 else int((cost / quantity).scaleb(15).quantize(Decimal(1), ROUND_HALF_UP))
            assert price == expected, (cost, quantity)


@pytest.mark.parametrize(
    "text, scale, number",
    [
        ("22.9276737383009", 15, "22.9276737383009"),
        ("0.000000000000001", 15, "0.000000000000001"),
        ("0.0000000000000010", 15, "0.000000000000001"),
        ("0.0000000000000011", 15, None),
        ("9.22337203685478E+18", 15, "9223372036854780000"),
        ("1.2E+4", 22, "12000"),
        ("4.2E-05", 15, "0.000042"),
        ("-1.5e2", 15, "-150"),
        ("1.23456789012345E-1", 15, "0.123456789012345"),
        ("1.23456789012345E-2", 15, None),
        ("1E-15", 15, "0.000000000000001"),
        ("1E-16", 15, None),
        ("1E+40", 22, None),
        ("1,234.5", 15, None),
        ("nan", 15, None),
        ("e5", 15, None),
        ("", 15, None),
    ],
)
def test_text_is_read_exactly_or_not_at_all(text, scale, number):
    with duckdb.connect() as connection:
        got = connection.execute(f"select {TEXT.exact_decimal('text', 38, scale)} from (select '{text}' as text)").fetchone()[0]
    assert got == (None if number is None else Decimal(number))


def test_an_exponent_moves_the_point_and_loses_nothing():
    """Any exponent of three digits, on numbers of up to 40 digits before the point and behind it; more digits are refused."""
    rng = random.Random(8)
    texts = ["0E-15", "-0E-500", "+.0e0", "1E+999", "1E-999", "1." + "0" * 40 + "e2", "1." + "0" * 41 + "e2", "0" * 40 + ".5E1", "0" * 41 + ".5E1", ".E1", "-E1"]
    for _ in range(LINES):
        whole, behind = "".join(rng.choices("0123456789", k=rng.randrange(1, 41))), "".join(rng.choices("0000123456789", k=rng.choice((0, 1, 5, 15, 40))))
        small = rng.choice(("0", "7", "0" * 12 + "12", whole))
        texts.append(f"{rng.choice(('', '+', '-'))}{small}.{behind}{rng.choice('eE')}{rng.choice(('', '+', '-'))}{rng.choice((0, 2, 9, 15, 39, 99, 100, 321))}")
    refused = {"1." + "0" * 41 + "e2", "0" * 41 + ".5E1", ".E1", "-E1"}
    with duckdb.connect() as connection:
        sql = f"select {TEXT.exact_decimal('text', 38, 15)}, {TEXT.rounded_decimal('text', 38, 15)} from (select unnest(?) as text)"
        got = connection.execute(sql, [texts]).fetchall()
    read = 0
    for text, (exact_number, rounded_number) in zip(texts, got, strict=True):
        number = None if text in refused else Decimal(text)
        near = None if number is None or abs(number) >= 10**23 else number.quantize(Decimal("1E-15"), ROUND_HALF_UP)
        assert (exact_number, rounded_number) == (near if near == number else None, None if near is None or abs(near) >= 10**23 else near), text
        read += near is not None and near == number != 0
    assert read > LINES / 10


def test_vendor_totals_are_rounded_to_amounts():
    rng = random.Random(7)
    totals = [draw(rng, (12, 26)) for _ in range(LINES)] + [Decimal(n).scaleb(-19) for n in (5, -5, 4, -4, 15, 25, -25)]
    texts = [f"{total:f}" for total in totals] + ["1.5E-2", "0", "-7", "", "nan", "0.0000000000000000000x", "1.", None]
    with duckdb.connect() as connection:
        got = connection.execute(f"select {TEXT.amount_of('text')} from (select unnest(?) as text)", [texts]).fetchall()
    expected = [rounded(total) for total in totals] + [Decimal("0.015"), 0, -7, None, None, None, 1, None]
    assert [row[0] for row in got] == expected


def amounts_of_marts():
    """Types of the amounts in the contracts of the marts, with a column that has it."""
    found = {}
    for path in w.PROJECT.glob("models/marts/**/*.yml"):
        for model in (yaml.safe_load(path.read_text()) or {}).get("models", []):
            for col in model["columns"]:
                name, type_ = col["name"], col["data_type"]
                is_amount = re.search(r"_usd$|_billing$|Cost$|InUsd$", name) and "price" not in name
                if is_amount and type_.startswith("decimal"):
                    found.setdefault(type_, f"{model['name']}.{name}")
    return found


@pytest.mark.parametrize("type_, example", amounts_of_marts().items())
@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [1, 1000, 10**6])
def test_sums_hold_a_quadrillion(type_, example, sign, count):
    """Any sum of amounts, and of amounts times a rate of up to 4 decimals, up to 10^15 USD, of one line or of a million."""
    scale = int(type_.rstrip(")").split(",")[1])
    last_digit = Decimal(1).scaleb(-scale)
    amount = Decimal(LARGEST_SUM) / count - (last_digit if count == 1 else 0)
    with duckdb.connect() as connection:
        connection.execute(f"create table lines as select ('{sign * amount:f}')::{type_} as x, 9.9999::decimal(5, 4) as rate from range({count})")
        plain, rated, literal, running = connection.execute(
            "select sum(x), sum(x * rate), sum(x * 0.1234), (select max(abs(s)) from (select sum(x) over (rows unbounded preceding) as s from lines)) from lines"
        ).fetchone()
    total = sign * amount * count
    assert (plain, rated, literal, running) == (total, total * Decimal("9.9999"), total * Decimal("0.1234"), abs(total)), example
