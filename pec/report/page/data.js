// The data of the page, and what the filters leave of them.
const DATA = JSON.parse(byId("data").textContent);
const LAST = DATA.months.length - 1;
const MEASURES = ["list", "due", "applied", "missed", "unexpected", "lost"];
const MEASURE_NAMES = { list: "List cost", due: "Due", applied: "Applied", missed: "Missed", unexpected: "Unexpected", lost: "Recoverable" };
const STATES = {
    missed: ["Missed", "due and not applied: claim it"],
    unexpected: ["Unexpected", "applied and not due by the evidence"],
    lost: ["Lost", "access or agreement was lacking: repair it"],
    earned: ["Earned", "due and applied"],
    none: ["Nothing to earn", "products that earn no credit"],
};

const STATEMENT = DATA.statement.map(([month, partner, subscription, ...amounts]) => ({
    month,
    partner,
    subscription,
    customer: DATA.subscriptions[subscription][2],
    amounts: amounts.map(amountOf),
}));
const LOST = DATA.lost_by_reason.map(([month, subscription, reason, lost]) => ({
    month,
    subscription,
    customer: DATA.subscriptions[subscription][2],
    reason,
    lost: amountOf(lost),
}));
const RUNS = DATA.runs.map(([month, subscription, state, reason, first, last, earned, missed, unexpected, lost]) => ({
    month,
    subscription,
    customer: DATA.subscriptions[subscription][2],
    state,
    reason,
    first,
    last,
    earned: amountOf(earned),
    missed: amountOf(missed),
    unexpected: amountOf(unexpected),
    lost: amountOf(lost),
}));

// What is chosen: numbers of customer, subscription and month; null for all.
const chosen = { customer: null, subscription: null, month: null };

function matches(row, names = ["customer", "subscription", "month"]) {
    return names.every((name) => chosen[name] === null || row[name] === chosen[name]);
}

function monthOf(number) {
    return DATA.months[number];
}

// "September 2026 (open: usage until 12 September)"
function monthLabel(number) {
    const [month, , last, isInvoiced] = monthOf(number);
    return isInvoiced ? monthName(month) : `${monthName(month)} (open, usage until ${dayName(last).replace(/ \d+$/, "")})`;
}

// The months that are chosen, in words.
function period() {
    if (chosen.month !== null) return monthLabel(chosen.month);
    return LAST > 0 ? `${monthName(monthOf(0)[0])} to ${monthLabel(LAST)}` : monthLabel(LAST);
}

function customerName(number) {
    return number === null ? "No customer" : DATA.customers[number][1] || DATA.customers[number][0] || "Unnamed customer";
}

function subscriptionName(number) {
    return number === null ? "–" : DATA.subscriptions[number][1] || DATA.subscriptions[number][0];
}

function partnerName(number) {
    if (number === null) return "–";
    const [id, name] = DATA.partners[number];
    return name ? `${name} (${id})` : id;
}

// A name, and the id below it where they differ.
function subscriptionLabel(number) {
    if (number === null) return "–";
    const [id, name] = DATA.subscriptions[number];
    return name ? element("span", {}, name, element("small", {}, id)) : element("span", { class: "id" }, id);
}

// What a code means; the code, where the list of texts has none.
function textOf(kind, code) {
    const found = (DATA.texts[kind] || {})[code];
    return (found && found[0]) || code.replaceAll("_", " ");
}

// The sums of the statement's rows, by measure.
function totals(rows) {
    return Object.fromEntries(MEASURES.map((name, index) => [name, sum(rows.map((row) => row.amounts[index]))]));
}

// Rows by what a function says of them, in the order of their first appearance.
function grouped(rows, by) {
    const groups = new Map();
    for (const row of rows) {
        const key = by(row);
        if (!groups.has(key)) groups.set(key, []);
        groups.get(key).push(row);
    }
    return groups;
}

function descending(by) {
    return (one, other) => (by(one) < by(other) ? 1 : by(one) > by(other) ? -1 : 0);
}

// Of a list that was cut: the rows that are shown, the sums of the others, and how many they are.
function listed(list, names, amounts) {
    const rows = list.shown.filter((row) => matches(row, names));
    const rest = list.rest.filter((row) => matches(row, names));
    const totalsOf = Object.fromEntries(amounts.map((name) => [name, sum([...rows, ...rest].map((row) => amountOf(row[name])))]));
    const left = rest.reduce((count, row) => count + row.count, 0);
    return { rows, rest, left, count: rows.length + left, totals: totalsOf };
}

function restNote(left) {
    return left > 0 && element("p", { class: "note" }, `${plural(left, "more is", "more are")} counted in the sums, and listed in the workbook.`);
}
