// Claims, and what explains the differences of invoices.
const CLAIM_AMOUNTS = ["missed_credit_usd", "settled_credit_usd", "open_credit_usd"];
const CLAIM_ORDER = ["open", "late", "submitted", "partly_settled", "settled"];

function drawClaims() {
    const found = listed(DATA.claims, ["customer", "subscription", "month"], CLAIM_AMOUNTS);
    const all = [...found.rows.map((row) => ({ ...row, count: 1 })), ...found.rest];
    const byStatus = CLAIM_ORDER.map((status) => {
        const own = all.filter((row) => row.claim_status === status);
        return {
            status,
            count: own.reduce((count, row) => count + row.count, 0),
            open: sum(own.map((row) => amountOf(row.open_credit_usd))),
            missed: sum(own.map((row) => amountOf(row.missed_credit_usd))),
        };
    }).filter((line) => line.count);
    const waiting = byStatus.filter((line) => line.status === "open" || line.status === "late");
    const next = found.rows
        .filter((row) => row.claim_status === "open")
        .map((row) => row.claim_by)
        .sort()[0];
    show(
        "claims-lead",
        waiting.length
            ? [
                  element("strong", { class: "big", "data-figure": "claims" }, `${money(sum(waiting.map((line) => line.open)))} USD`),
                  ` wait to be claimed from Microsoft${next ? `; the first deadline is ${dayName(next)}` : ""}.`,
              ]
            : "Nothing waits to be claimed.",
    );
    show(
        "claims",
        element(
            "div",
            { class: "tiles small" },
            byStatus.map((line) =>
                element(
                    "div",
                    { class: `tile status-${line.status}` },
                    element("h3", {}, textOf("claim_status", line.status)),
                    element("p", { class: "figure" }, money(line.status === "settled" ? line.missed : line.open), element("small", {}, " USD")),
                    element("p", { class: "tile-note" }, plural(line.count, "claim", "claims")),
                ),
            ),
        ),
        table(
            [
                { head: "Customer", cell: (row) => (row.customer === null ? "Unknown claim" : customerName(row.customer)) },
                {
                    head: "Resource",
                    kind: "wide-cell",
                    cell: (row) =>
                        row.resource_id
                            ? element(
                                  "span",
                                  { title: row.resource_id },
                                  row.resource_id.split("/").pop(),
                                  element("small", {}, subscriptionName(row.subscription)),
                              )
                            : row.claim_id,
                },
                {
                    head: "Days",
                    kind: "nowrap",
                    cell: (row) =>
                        row.first_date
                            ? element("span", {}, days(row.first_date, row.last_date), element("small", {}, plural(row.day_count, "day", "days")))
                            : "–",
                },
                { head: "Missed", number: true, cell: (row) => money(amountOf(row.missed_credit_usd)) },
                { head: "Still open", number: true, cell: (row) => money(amountOf(row.open_credit_usd)) },
                { head: "Claim by", kind: "nowrap", cell: (row) => (row.claim_status === "settled" ? "–" : shortDay(row.claim_by)) },
                { head: "State", cell: claimState },
            ],
            found.rows,
            {
                key: "claims",
                caption: `Claims, ${chosen.month === null ? "all months" : monthLabel(chosen.month)}, in USD`,
                empty: "No claims.",
                total: ["All claims", "", "", money(found.totals.missed_credit_usd), money(found.totals.open_credit_usd), "", ""],
            },
        ),
        restNote(found.left),
        element(
            "p",
            { class: "note" },
            "The text for the support request and the evidence of each claim are in the workbook, and pec claim writes them as files.",
        ),
    );
}

function claimState(row) {
    const notes = [
        row.ticket && `ticket ${row.ticket}`,
        row.submitted_on && `submitted ${shortDay(row.submitted_on)}`,
        row.settled_on && `paid ${shortDay(row.settled_on)}`,
    ].filter(Boolean);
    return element(
        "span",
        {},
        row.claim_status && chip(textOf("claim_status", row.claim_status), `status-${row.claim_status}`),
        row.finding && chip(textOf("claim_finding", row.finding), "status-late"),
        notes.length > 0 && element("small", {}, notes.join(", ")),
    );
}

function drawInvoices() {
    // An invoice bills whole Azure plans of a customer: of a subscription, its customer's lines are shown.
    const customer = chosen.customer !== null ? chosen.customer : chosen.subscription !== null ? DATA.subscriptions[chosen.subscription][2] : null;
    const isChosen = (row) => (customer === null || row.customer === customer) && (chosen.month === null || row.month === chosen.month);
    const rows = DATA.invoices.shown.filter(isChosen);
    const left = DATA.invoices.rest.filter(isChosen);
    show(
        "invoices-lead",
        `Invoiced less recomputed from the daily lines, each cent explained by a cause, in the currency of the invoice.${
            chosen.subscription !== null ? ` Invoices bill whole Azure plans: these are all lines of ${customerName(customer)}.` : ""
        }`,
    );
    const parts = [];
    for (const [currency, own] of grouped([...rows, ...left], (row) => row.billing_currency)) {
        const causes = Object.keys(DATA.causes).map((name) => ({ name, amount: sum(own.map((row) => amountOf(row[name]))) }));
        const whole = own.filter((row) => row.invoice_number !== undefined);
        const difference = sum(own.map((row) => amountOf(row.difference)));
        parts.push(
            element("h3", {}, currency),
            element(
                "div",
                { class: "two" },
                element("figure", { class: "chart", id: `cause-chart-${currency}` }),
                element(
                    "div",
                    {},
                    table(
                        [
                            { head: "Cause", cell: (row) => DATA.causes[row.name] },
                            { head: currency, number: true, cell: (row) => money(row.amount) },
                        ],
                        causes.filter((cause) => cause.amount !== 0n),
                        {
                            key: `causes-${currency}`,
                            caption: `Difference by cause, ${currency}`,
                            total: ["Difference", money(difference)],
                            empty: "No difference.",
                            narrow: true,
                        },
                    ),
                ),
            ),
            element(
                "details",
                {},
                element("summary", {}, `Invoices in ${currency}`),
                table(
                    [
                        {
                            head: "Invoice",
                            cell: (row) =>
                                element(
                                    "span",
                                    {},
                                    row.invoice_number,
                                    element("small", {}, row.month === null ? "no usage" : monthName(monthOf(row.month)[0])),
                                ),
                        },
                        { head: "Customer", cell: (row) => customerName(row.customer) },
                        { head: "Invoiced", number: true, cell: (row) => money(amountOf(row.invoiced)) },
                        { head: "Recomputed", number: true, cell: (row) => money(amountOf(row.recomputed)) },
                        { head: "Difference", number: true, cell: (row) => money(amountOf(row.difference)) },
                        { head: "Lines beyond tolerance", number: true, cell: (row) => `${row.beyond_count} of ${row.line_count}` },
                    ],
                    whole,
                    {
                        key: `invoices-${currency}`,
                        caption: `Invoices in ${currency}`,
                        total: [
                            "All",
                            "",
                            money(sum(own.map((row) => amountOf(row.invoiced)))),
                            money(sum(own.map((row) => amountOf(row.recomputed)))),
                            money(difference),
                            "",
                        ],
                    },
                ),
                restNote(left.filter((row) => row.billing_currency === currency).reduce((count, row) => count + row.count, 0)),
            ),
        );
        show("invoices", parts);
        causeChart(`cause-chart-${currency}`, causes, currency);
    }
    if (!parts.length) show("invoices", element("p", { class: "empty" }, "No invoice of this choice has been delivered."));
}
