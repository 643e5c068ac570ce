// The calendar of days: a strip for each subscription and month, and the same as a list of runs.
const MONTHS_AT_ONCE = 3;

function drawCalendar() {
    show(
        "calendar-legend",
        Object.entries(STATES).map(([state, [name, meaning]]) =>
            element(
                "li",
                {},
                element("svg:svg", { viewBox: "0 0 12 12", width: "12", height: "12", "aria-hidden": "true" }, square(state, 0, 0, 12)),
                element("span", {}, element("strong", {}, name), `: ${meaning}`),
            ),
        ),
    );
    const months = chosen.month !== null ? [chosen.month] : DATA.months.map((_, month) => month).slice(-MONTHS_AT_ONCE);
    const runs = RUNS.filter((run) => months.includes(run.month) && matches(run, ["customer", "subscription"]));
    const strips = [...grouped(runs, (run) => run.subscription)].map(([subscription, own]) => ({
        subscription,
        runs: own,
        missed: sum(own.map((run) => run.missed)),
        unexpected: sum(own.map((run) => run.unexpected)),
        lost: sum(own.map((run) => run.lost)),
        earned: sum(own.map((run) => run.earned)),
    }));
    strips.sort(descending((strip) => strip.missed + strip.unexpected + strip.lost));
    const shown = Math.min(strips.length, opened.get("calendar") || 12);
    const left = chosen.customer === null && chosen.subscription === null && DATA.subscriptions.length > DATA.calendar_count;
    show(
        "calendar",
        chosen.month === null &&
            LAST >= MONTHS_AT_ONCE &&
            element("p", { class: "note" }, "The newest three months. Choose a month to see an older one."),
        strips.length === 0 &&
            element(
                "p",
                { class: "empty" },
                DATA.subscriptions.length > DATA.calendar_count
                    ? "No calendar of this choice is in this report: see the workbook and the mart fct_pec_charges_daily."
                    : "No usage.",
            ),
        strips.slice(0, shown).map((strip) => stripOf(strip, months)),
        shown < strips.length && more("calendar", shown, strips.length, drawCalendar),
        left &&
            element(
                "p",
                { class: "note" },
                `The report holds the calendars of the ${DATA.calendar_count} subscriptions with most at stake. The days of all are in the workbook.`,
            ),
    );
}

function stripOf(strip, months) {
    const parts = ["missed", "unexpected", "lost", "earned"]
        .map((state) => [state, strip[state], daysOf(strip.runs.filter((run) => run.state === state))])
        .filter(([, amount]) => amount !== 0n);
    const customer = customerName(DATA.subscriptions[strip.subscription][2]);
    const words =
        parts.map(([name, amount, count]) => `${name} ${money(amount)} USD, ${plural(count, "day", "days")}`).join("; ") || "nothing to earn";
    const ranked = [...strip.runs].sort((one, other) => (one.first < other.first ? -1 : 1));
    return element(
        "article",
        { class: "strip", "data-subscription": DATA.subscriptions[strip.subscription][0] },
        element(
            "div",
            { class: "strip-head" },
            element("h3", {}, subscriptionName(strip.subscription), element("small", {}, customer)),
            element(
                "p",
                { class: "strip-sums" },
                parts.map(([name, amount, count]) =>
                    element(
                        "span",
                        { class: `sum ${name}` },
                        `${STATES[name][0]} `,
                        element("b", {}, money(amount)),
                        count > 0 && ` on ${plural(count, "day", "days")}`,
                    ),
                ),
            ),
        ),
        element(
            "div",
            { class: "months" },
            months.map((month) => monthStrip(strip, month, customer, words)),
        ),
        element(
            "details",
            {},
            element(
                "summary",
                {},
                "The days as a list",
                element("span", { class: "sr" }, ` of ${subscriptionName(strip.subscription)}, ${customer}`),
            ),
            table(
                [
                    { head: "Days", cell: (run) => days(run.first, run.last) },
                    { head: "State", cell: (run) => chip(STATES[run.state][0], run.state) },
                    { head: "Why", cell: (run) => (run.reason ? textOf("pec_reason", run.reason) : "–") },
                    { head: "Earned", number: true, cell: (run) => money(run.earned) },
                    { head: "Missed", number: true, cell: (run) => money(run.missed) },
                    { head: "Unexpected", number: true, cell: (run) => money(run.unexpected) },
                    { head: "Lost", number: true, cell: (run) => money(run.lost) },
                ],
                ranked,
                { key: `runs-${strip.subscription}`, caption: `Days of ${subscriptionName(strip.subscription)}, in USD`, page: 40 },
            ),
        ),
    );
}

function daysOf(runs) {
    return runs.reduce((count, run) => count + 1 + Number(run.last.slice(8)) - Number(run.first.slice(8)), 0);
}

function monthStrip(strip, month, customer, words) {
    const [first] = monthOf(month);
    const length = new Date(Date.UTC(Number(first.slice(0, 4)), Number(first.slice(5, 7)), 0)).getUTCDate();
    const picture = element("svg:svg", {
        viewBox: `0 0 ${31 * 12} 27`,
        role: "img",
        "aria-label": `${monthName(first)}, ${subscriptionName(strip.subscription)}, ${customer}: ${words}`,
    });
    for (let day = 1; day <= length; day += 1) {
        picture.append(element("svg:rect", { x: (day - 1) * 12 + 0.5, y: 0.5, width: 10, height: 16, rx: 2, class: "no-usage" }));
        if (day === 1 || day % 5 === 0) picture.append(element("svg:text", { x: (day - 1) * 12 + 5.5, y: 25.5, class: "day-number" }, String(day)));
    }
    for (const run of strip.runs.filter((own) => own.month === month)) {
        const title = [
            `${days(run.first, run.last)}: ${STATES[run.state][0].toLowerCase()}`,
            run.reason && textOf("pec_reason", run.reason),
            ...["earned", "missed", "unexpected", "lost"].filter((name) => run[name] !== 0n).map((name) => `${name} ${money(run[name])} USD`),
        ]
            .filter(Boolean)
            .join("; ");
        for (let day = Number(run.first.slice(8)); day <= Number(run.last.slice(8)); day += 1) {
            picture.append(square(run.state, (day - 1) * 12 + 0.5, 0.5, 10, 16, title));
        }
    }
    return element("div", { class: "month" }, element("p", { class: "month-name", "aria-hidden": "true" }, monthName(first)), picture);
}

// A day: a colour, and a sign that needs no colour.
function square(state, x, y, width, height = width, title = null) {
    const middle = x + width / 2;
    const sign = {
        missed: `M${middle} ${y + 3}V${y + height - 6}M${middle} ${y + height - 4}V${y + height - 2}`,
        lost: `M${x + 2} ${y + height - 2}L${x + width - 2} ${y + 2}`,
        unexpected: `M${x + 2} ${y + height / 2 - 1.5}H${x + width - 2}M${x + 2} ${y + height / 2 + 1.5}H${x + width - 2}`,
    }[state];
    return element(
        "svg:g",
        { class: `day ${state}` },
        title && element("svg:title", {}, title),
        element("svg:rect", { x, y, width, height, rx: 2 }),
        sign && element("svg:path", { d: sign }),
    );
}
