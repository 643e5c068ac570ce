// What is being lost now: a card for each repair, dearest first.
const REPAIR_AMOUNTS = ["win_per_month_usd", "lost_credit_usd"];

function drawLeaks() {
    const found = listed(DATA.repairs, ["customer", "subscription"], REPAIR_AMOUNTS);
    const perMonth = found.totals.win_per_month_usd;
    show(
        "leaks-lead",
        found.count
            ? [
                  element("strong", { class: "big", "data-figure": "leaks" }, `${money(perMonth)} USD a month`),
                  ` will be lost if nothing is done: ${plural(found.count, "repair stops", "repairs stop")} it. ${money(found.totals.lost_credit_usd)} USD are lost already.`,
              ]
            : "No missing access costs credit now.",
    );
    const rows = found.rows;
    const shown = Math.min(rows.length, opened.get("leaks") || 6);
    show(
        "leaks",
        found.count > 0 && element("p", { class: "note" }, "Not tied to a month: the loss of a day at today's usage, times 30."),
        element(
            "ol",
            { class: "cards", "data-table": "leaks", tabindex: "-1" },
            rows.slice(0, shown).map((row) => repairCard(row, perMonth)),
        ),
        shown < rows.length && more("leaks", shown, rows.length, drawLeaks),
        restNote(found.left),
    );
}

function repairCard(row, perMonth) {
    const share100 = perMonth > 0n ? Number((amountOf(row.win_per_month_usd) * 1000n) / perMonth) / 10 : 0;
    return element(
        "li",
        { class: "card" },
        element(
            "div",
            { class: "card-head" },
            element("h3", {}, customerName(row.customer), element("small", {}, subscriptionName(row.subscription))),
            element("p", { class: "figure" }, money(amountOf(row.win_per_month_usd)), element("small", {}, " USD a month")),
        ),
        element("div", { class: "bar", "aria-hidden": "true" }, element("span", { style: `width:${share100}%` })),
        element("p", { class: "do" }, textOf("action", row.action)),
        row.what_to_do && element("p", { class: "what" }, row.what_to_do),
        facts([
            ["Why", textOf("access_reason", row.access_reason)],
            ["Lost so far", `${money(amountOf(row.lost_credit_usd))} USD since ${dayName(row.first_lost_date)}`],
            ["Who", row.done_by],
        ]),
        element(
            "details",
            { class: "steps" },
            element(
                "summary",
                {},
                "Where, with which commands, and how to check",
                element("span", { class: "sr" }, `: ${subscriptionName(row.subscription)}, ${money(amountOf(row.win_per_month_usd))} USD a month`),
            ),
            facts([
                ["Scope", row.scope_id],
                ["Tenant", row.tenant && `${row.tenant} (${row.tenant_kind === "partner" ? "yours" : "the customer's"})`],
                ["Partner ID", partnerName(row.partner)],
                ["Resources", plural(row.resource_count, "resource", "resources")],
                ["Last usage", dayName(row.last_usage_date)],
            ]),
            row.az_command && [element("h4", {}, "Azure CLI"), element("pre", { tabindex: "0" }, row.az_command)],
            row.powershell_command && [element("h4", {}, "PowerShell"), element("pre", { tabindex: "0" }, row.powershell_command)],
            element("h4", {}, "How to check"),
            element("p", {}, row.how_to_check),
        ),
    );
}

// Names and values, without those that are empty.
function facts(pairs) {
    return element(
        "dl",
        { class: "facts" },
        pairs.filter(([, value]) => value).map(([name, value]) => element("div", {}, element("dt", {}, name), element("dd", {}, value))),
    );
}
