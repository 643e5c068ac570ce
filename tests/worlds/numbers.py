"""Numbers as vendors write them: quantities of up to 15 decimals, prices of up to 22, totals of 15 digits, exponents in several spellings."""

import random
from dataclasses import replace
from decimal import Context, Decimal, localcontext

from .knobs import EXACT, LARGE, SPELLED, TINY, chance, plain
from .products import Product, Tiers
from .truth import World

PUBLISHED = Decimal("22.9276737383009"), Decimal("0.3264")  # quantity and price of the vendor's own example
QUANTITY_DECIMALS, PRICE_DECIMALS = 15, 22
AS_A_DOUBLE = Context(prec=15)


def drawn(rng: random.Random, below: int, decimals: int) -> Decimal:
    """A number above 0 and below another one, with that many decimals at most."""
    return Decimal(rng.randrange(1, below * 10**decimals)).scaleb(-decimals)


def exact_quantity(rng: random.Random, quantity: Decimal) -> Decimal:
    """Another quantity in the place of a simpler one: finer, the published one, next to nothing, or of millions."""
    luck = rng.random()
    if luck < LARGE:
        return drawn(rng, 10 ** rng.randint(5, 11), rng.choice((0, 6, QUANTITY_DECIMALS)))
    if luck < LARGE + TINY:
        return drawn(rng, 1, QUANTITY_DECIMALS).scaleb(-rng.randint(0, 12)).quantize(Decimal(1).scaleb(-QUANTITY_DECIMALS)) or quantity
    if luck < LARGE + TINY + EXACT:
        decimals = rng.choice((9, 13, QUANTITY_DECIMALS))
        return rng.choice((quantity + drawn(rng, 1, decimals), quantity + drawn(rng, 1, decimals), PUBLISHED[0]))
    return quantity


def exact_price(rng: random.Random, price: Decimal) -> Decimal:
    """Another price in the place of a simpler one: finer, the published one, or of hundreds. A free tier stays free."""
    luck = rng.random()
    if price == 0 or luck > EXACT + LARGE:
        return price
    decimals = rng.choice((17, 18, 20, PRICE_DECIMALS))
    if luck > EXACT:
        return drawn(rng, 3000, decimals)
    finer = price + Decimal(rng.randrange(1, 10 ** (decimals - 2))).scaleb(-decimals)
    return rng.choice((finer, finer, finer, PUBLISHED[1]))


def refine_prices(world: World) -> None:
    """Give many prices, on the sheets and of what stands on none, as many decimals as vendors write."""
    rng = world.rngs["numbers"]

    def refined(tiers: Tiers) -> Tiers:
        return tuple((limit, exact_price(rng, price)) for limit, price in tiers)

    def refine(product: Product) -> None:
        product.unlisted_price = exact_price(rng, product.unlisted_price)
        for market, rows in product.rows.items():
            product.rows[market] = [replace(row, tiers=refined(row.tiers)) for row in rows]

    with localcontext(prec=40):
        for product in world.products if world.has("exact") else ():
            refine(product)


def total(amount: Decimal, decimals: int) -> Decimal:
    """An amount as the vendor writes it: a double, 15 significant digits; here never with more than some decimals."""
    amount = AS_A_DOUBLE.plus(amount)
    return amount if amount.as_tuple().exponent >= -decimals else amount.quantize(Decimal(1).scaleb(-decimals))


def spelled(world: World, number: Decimal, share: float = SPELLED) -> str:
    """A number as text, the same number in all spellings: of .NET, of Java, of Python, with zeros, mostly plain."""
    rng = world.rngs["numbers"]
    if not world.has("exact") or not chance(rng, share):
        return plain(number)
    sign, digits, exponent = number.normalize(Context(prec=60)).as_tuple()
    first, rest = str(digits[0]), "".join(map(str, digits[1:]))
    mantissa = "-" * sign + first + (f".{rest}" if rest else "")
    power = exponent + len(rest)
    return rng.choice(
        (
            f"{mantissa}E{power:+03d}",  # 4.2E-05, 9.22337203685478E+18
            f"{mantissa}E{power:+d}",  # 4.2E-5, 1.2E+4
            f"{mantissa}e{power:+03d}",  # 4.2e-05
            f"{mantissa}E{power}",  # 1.2E4
            f"{number:f}" + ("000" if "." in f"{number:f}" else ".0000"),
        )
    )
