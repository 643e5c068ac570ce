// This month, the trend, and who and why.
function drawMonth() {
    const number = chosen.month === null ? LAST : chosen.month;
    const rows = STATEMENT.filter((row) => matches(row, ["customer", "subscription"]));
    const now = totals(rows.filter((row) => row.month === number));
    const before = number > 0 ? totals(rows.filter((row) => row.month === number - 1)) : null;
    const [month, , , isInvoiced] = monthOf(number);
    byId("h-month").textContent = `${chosen.month === null ? "This month: " : ""}${monthLabel(number)}`;
    const parts = [`Of ${money(now.due)} USD due, Microsoft applied ${money(now.due - now.missed)} USD (${share(now.due - now.missed, now.due)}).`];
    if (now.missed > 0n) parts.push(`${money(now.missed)} USD were missed and can be claimed.`);
    if (now.lost > 0n) parts.push(`Whole-day access and agreements would have won ${money(now.lost)} USD more.`);
    if (now.unexpected > 0n) parts.push(`${money(now.unexpected)} USD were applied without being due by the evidence.`);
    if (before && !isInvoiced) parts.push(`The month is open; the figures of ${monthName(monthOf(number - 1)[0])} beside it are of a whole month.`);
    show("headline", parts.join(" "));
    const notes = {
        list: "before credit",
        due: `${share(now.due, now.list)} of list cost`,
        applied: `${share(now.applied, now.list)} of list cost`,
        missed: "claim it",
        unexpected: "may be taken back",
        lost: "repair access",
    };
    show(
        "tiles",
        MEASURES.map((name) =>
            element(
                "div",
                { class: `tile ${name}` },
                element("h3", {}, MEASURE_NAMES[name]),
                element("p", { class: "figure", "data-figure": name }, money(now[name]), element("small", {}, " USD")),
                element("p", { class: "tile-note" }, notes[name]),
                before && element("p", { class: "tile-before" }, `${monthName(monthOf(number - 1)[0]).replace(/ \d+$/, "")}: ${money(before[name])}`),
            ),
        ),
    );
}

function amountColumns() {
    return MEASURES.map((name) => ({ head: MEASURE_NAMES[name], number: true, cell: (row) => money(row.sums[name]) }));
}

function drawTrend() {
    const rows = STATEMENT.filter((row) => matches(row, ["customer", "subscription"]));
    const lines = DATA.months.map((_, month) => ({ month, sums: totals(rows.filter((row) => row.month === month)) }));
    const all = totals(rows);
    show(
        "trend-lead",
        `All months of this report${chosen.month === null ? "" : ", whichever month is chosen"}. ${
            LAST > 0 && !monthOf(LAST)[3] ? `${monthName(monthOf(LAST)[0])} is open: it holds ${Number(monthOf(LAST)[2].slice(8))} days so far.` : ""
        }${DATA.older_months > 0 ? ` ${plural(DATA.older_months, "older month is", "older months are")} in the workbook.` : ""}`,
    );
    trendChart(lines);
    show(
        "trend-table",
        table(
            [
                {
                    head: "Month",
                    cell: (row) =>
                        element(
                            "span",
                            { class: row.month === chosen.month ? "chosen" : null },
                            monthName(monthOf(row.month)[0]),
                            !monthOf(row.month)[3] && chip("open", "plain"),
                        ),
                },
                ...amountColumns(),
                { head: "Discount", number: true, cell: (row) => share(row.sums.applied, row.sums.list) },
            ],
            [...lines].reverse(),
            {
                key: "trend",
                caption: "Months, in USD",
                total: ["All months", ...MEASURES.map((name) => money(all[name])), share(all.applied, all.list)],
            },
        ),
    );
}

const WHO = {
    customers: { name: "Customers", head: "Customer", by: (row) => row.customer, label: customerName, plain: customerName },
    subscriptions: { name: "Subscriptions", head: "Subscription", by: (row) => row.subscription, label: subscriptionLabel, plain: subscriptionName },
    partners: { name: "Partners", head: "Partner ID", by: (row) => row.partner, label: partnerName, plain: partnerName },
};
let who = "customers";

function drawWho() {
    const rows = STATEMENT.filter((row) => matches(row));
    const all = totals(rows);
    show("who-lead", `${period()}. Sorted by what is missed, unexpected or recoverable, in USD.`);
    show(
        "who-switch",
        Object.entries(WHO).map(([key, kind]) =>
            element(
                "button",
                {
                    type: "button",
                    "aria-pressed": String(key === who),
                    "data-who": key,
                    onclick: () => {
                        who = key;
                        drawWho();
                        document.querySelector(`[data-who=${key}]`).focus();
                    },
                },
                kind.name,
            ),
        ),
    );
    const kind = WHO[who];
    const lines = [...grouped(rows, kind.by)].map(([key, group]) => ({ key, group, sums: totals(group) }));
    const atStake = (line) => line.sums.missed + line.sums.unexpected + line.sums.lost;
    lines.sort((one, other) => descending(atStake)(one, other) || descending((line) => line.sums.list)(one, other));
    whoChart(lines, kind);
    const columns = [{ head: kind.head, cell: (row) => kind.label(row.key) }];
    if (who === "subscriptions") columns.push({ head: "Customer", cell: (row) => customerName(row.group[0].customer) });
    show(
        "who-table",
        table([...columns, ...amountColumns()], lines, {
            key: `who-${who}`,
            caption: `${kind.name}, ${period()}, in USD`,
            total: ["Total", ...columns.slice(1).map(() => ""), ...MEASURES.map((name) => money(all[name]))],
        }),
    );
}

function drawWhy() {
    const rows = LOST.filter((row) => matches(row));
    const lines = [...grouped(rows, (row) => row.reason)].map(([reason, group]) => ({
        reason,
        lost: sum(group.map((row) => row.lost)),
        subscriptions: new Set(group.map((row) => row.subscription)).size,
    }));
    lines.sort(descending((line) => line.lost));
    const all = sum(lines.map((line) => line.lost));
    show("why-lead", `${period()}. The reason is the furthest step that any grant reached; what it names is what was lacking.`);
    show(
        "why-table",
        table(
            [
                { head: "Reason", cell: (row) => element("strong", {}, textOf("pec_reason", row.reason)) },
                { head: "What it means", kind: "wide-cell", cell: (row) => ((DATA.texts.pec_reason || {})[row.reason] || ["", ""])[1] || "" },
                { head: "Subscriptions", number: true, cell: (row) => row.subscriptions.toLocaleString("en-US") },
                { head: "Recoverable", number: true, cell: (row) => money(row.lost) },
                { head: "Share", number: true, cell: (row) => share(row.lost, all) },
            ],
            lines,
            { key: "why", caption: `Reasons, ${period()}, in USD`, total: ["All reasons", "", "", money(all), ""], empty: "No credit was lost." },
        ),
    );
}
