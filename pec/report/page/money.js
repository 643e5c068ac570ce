// Exact money: an amount is a BigInt of 10^-18 of its currency. It is rounded when it is shown, half away from zero, and never before.
const DIGITS = 18;
const UNIT = 10n ** BigInt(DIGITS);

// The amount of a decimal text such as "-12.5", or of the number 0.
function amountOf(value) {
    const text = String(value);
    const negative = text.startsWith("-");
    const [whole, fraction = ""] = (negative ? text.slice(1) : text).split(".");
    const amount = BigInt(whole + fraction.padEnd(DIGITS, "0"));
    return negative ? -amount : amount;
}

function sum(amounts) {
    return amounts.reduce((total, amount) => total + amount, 0n);
}

// An amount with a number of decimals, thousands apart, a true minus.
function decimals(amount, places) {
    const step = 10n ** BigInt(DIGITS - places);
    const size = amount < 0n ? -amount : amount;
    const rounded = (size + step / 2n) / step;
    const digits = String(rounded).padStart(places + 1, "0");
    const whole = digits.slice(0, digits.length - places).replace(/\B(?=(\d{3})+$)/g, ",");
    const sign = amount < 0n && rounded !== 0n ? "−" : "";
    return sign + whole + (places ? "." + digits.slice(-places) : "");
}

function money(amount) {
    return decimals(amount, 2);
}

// part ÷ whole as a percentage with one decimal; a dash where there is no whole.
function share(part, whole) {
    return whole === 0n ? "–" : decimals((part * 100n * UNIT) / whole, 1) + " %";
}

// For the geometry of charts alone.
function inexact(amount) {
    return Number(amount / 10n ** 12n) / 1e6;
}
