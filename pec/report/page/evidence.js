// Which evidence of access is there, and what the checks of the input say.
function drawEvidence() {
    const found = listed(DATA.coverage, ["customer", "subscription"], ["credit_in_doubt_usd"]);
    const doubt = found.totals.credit_in_doubt_usd;
    show(
        "evidence-lead",
        doubt > 0n
            ? [
                  element("strong", { class: "big", "data-figure": "doubt" }, `${money(doubt)} USD`),
                  " of credit are in doubt over all months: they may be won or lost when the evidence is complete.",
              ]
            : "No credit is in doubt.",
    );
    const newest = (row) => [
        ["Roles", row.newest_role_assignments_at],
        ["Lighthouse", row.newest_delegations_at],
        ["Denies", row.newest_deny_assignments_at],
        ["Log", row.activity_log_last_at],
    ];
    show(
        "evidence",
        table(
            [
                {
                    head: "Subscription",
                    cell: (row) => element("span", {}, subscriptionName(row.subscription), element("small", {}, customerName(row.customer))),
                },
                {
                    head: "Evidence until",
                    kind: "wide-cell",
                    cell: (row) =>
                        element(
                            "span",
                            { class: "until" },
                            newest(row).map(([name, day]) => chip(`${name}: ${day ? shortDay(day) : "none"}`, day ? "plain" : "lacking")),
                        ),
                },
                { head: "Days inferred", number: true, cell: (row) => row.days_inferred.toLocaleString("en-US") },
                { head: "Days without", number: true, cell: (row) => row.days_without_evidence.toLocaleString("en-US") },
                { head: "In doubt", number: true, cell: (row) => money(amountOf(row.credit_in_doubt_usd)) },
                {
                    head: "Supply",
                    kind: "wide-cell",
                    cell: (row) =>
                        row.to_supply
                            ? element(
                                  "ul",
                                  { class: "plain-list" },
                                  row.to_supply.split("; ").map((text) => element("li", {}, text)),
                              )
                            : "nothing lacks",
                },
            ],
            found.rows,
            {
                key: "evidence",
                caption: "Evidence by subscription, credit in USD",
                page: 15,
                tall: true,
                total: ["All", "", "", "", money(doubt), ""],
            },
        ),
        restNote(found.left),
        chosen.customer === null &&
            chosen.subscription === null &&
            DATA.unresolved.length > 0 &&
            element(
                "details",
                {},
                element(
                    "summary",
                    {},
                    plural(
                        DATA.unresolved.reduce((count, row) => count + row.count, 0),
                        "item of evidence does not count",
                        "items of evidence do not count",
                    ),
                ),
                table(
                    [
                        { head: "Why", cell: (row) => textOf("unresolved_reason", row.reason) },
                        { head: "Items", number: true, cell: (row) => row.count.toLocaleString("en-US") },
                        { head: "What settles it", kind: "wide-cell", cell: (row) => row.repair || "–" },
                    ],
                    DATA.unresolved,
                    { key: "unresolved", caption: "Evidence that does not count" },
                ),
            ),
    );
}

// The checks of the input: first of all sections when one holds or warns, last when all pass.
function drawQuality() {
    const held = DATA.checks.filter((check) => check.status === "hold");
    const warned = DATA.checks.filter((check) => check.status === "warn");
    const files = `${plural(DATA.files.file_count, "file is", "files are")} in force; of ${plural(DATA.files.record_count, "record", "records")} read, ${plural(DATA.files.rejected_count, "was", "were")} rejected.`;
    const is = held.length ? "hold" : warned.length ? "warn" : "pass";
    const lines = (checks) =>
        element(
            "ul",
            { class: "checks" },
            checks.map((check) =>
                element(
                    "li",
                    {},
                    element(
                        "p",
                        {},
                        chip(check.status === "hold" ? "holds" : "warns", check.status),
                        element("strong", {}, check.check_name.replaceAll("_", " ")),
                    ),
                    check.found && element("p", { class: "found" }, check.found),
                    check.what_to_do && element("p", { class: "do" }, check.what_to_do),
                ),
            ),
        );
    const title = {
        hold: `Do not use these figures yet: ${plural(held.length, "check holds", "checks hold")}`,
        warn: `${plural(warned.length, "check", "checks")} of ${DATA.checks.length} ${warned.length === 1 ? "warns" : "warn"}`,
        pass: `All ${DATA.checks.length} checks of the input pass`,
    }[is];
    const section = element(
        "section",
        { class: `quality ${is}`, "aria-labelledby": "h-quality" },
        element("h2", { id: "h-quality" }, title),
        is === "hold" && element("p", {}, "A check found what would change published money beyond its bound."),
        held.length > 0 && lines(held),
        is === "warn" &&
            element("p", {}, `The figures count all the same. Look at ${warned.map((check) => check.check_name.replaceAll("_", " ")).join(", ")}.`),
        warned.length > 0 &&
            element(
                "details",
                { open: held.length > 0 },
                element("summary", {}, held.length ? `${warned.length} more warn` : "What was found, and what to do"),
                lines(warned),
            ),
        element("p", { class: "note" }, files),
    );
    show(is === "pass" ? "quality-last" : "quality-first", section);
}
