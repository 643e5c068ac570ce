// The filters, the theme, and what is drawn when.
function draw() {
    [drawMonth, drawLeaks, drawTrend, drawWho, drawWhy, drawCalendar, drawClaims, drawInvoices, drawEvidence].forEach((part) => part());
    const words = [
        chosen.subscription !== null
            ? subscriptionName(chosen.subscription)
            : chosen.customer !== null
              ? customerName(chosen.customer)
              : "all customers",
        chosen.month === null ? "all months" : monthLabel(chosen.month),
    ].join(", ");
    byId("filter-status").textContent = `Shown: ${words}.`;
    byId("filter-print").textContent = `Shown: ${words}.`;
}

function options(id, all, entries) {
    show(
        id,
        element("option", { value: "" }, all),
        entries.map(([value, text]) => element("option", { value }, text)),
    );
}

function fillSubscriptions() {
    const customers = DATA.customers.map((_, number) => number).filter((number) => chosen.customer === null || number === chosen.customer);
    const byCustomer = grouped(
        DATA.subscriptions.map(([, , customer], number) => ({ customer, number })),
        (row) => row.customer,
    );
    show(
        "filter-subscription",
        element("option", { value: "" }, "All subscriptions"),
        customers
            .filter((customer) => byCustomer.has(customer))
            .map((customer) =>
                element(
                    "optgroup",
                    { label: customerName(customer) },
                    byCustomer.get(customer).map((row) => element("option", { value: row.number }, subscriptionName(row.number))),
                ),
            ),
    );
    byId("filter-subscription").value = chosen.subscription === null ? "" : chosen.subscription;
}

function choose(name, value) {
    chosen[name] = value === "" ? null : Number(value);
    if (name === "customer") {
        if (chosen.subscription !== null && chosen.customer !== null && DATA.subscriptions[chosen.subscription][2] !== chosen.customer)
            chosen.subscription = null;
        fillSubscriptions();
    }
    opened.clear();
    draw();
}

function theme(dark) {
    document.documentElement.dataset.theme = dark ? "dark" : "light";
    byId("theme").setAttribute("aria-pressed", String(dark));
}

function start() {
    const transacting = [...new Set(STATEMENT.map((row) => row.partner))].map(partnerName);
    byId("partners").textContent = transacting.length > 3 ? plural(transacting.length, "partner ID", "partner IDs") : transacting.join(" · ");
    byId("asof").textContent =
        `Usage of ${dayName(monthOf(0)[1])} to ${dayName(monthOf(LAST)[2])}. Newest export of usage: ${dayName(DATA.exported_at)}.`;
    options(
        "filter-customer",
        "All customers",
        DATA.customers.map((_, number) => [number, customerName(number)]),
    );
    options("filter-month", "All months", DATA.months.map((_, month) => [month, monthLabel(month).replace(/,.*\)/, ")")]).reverse());
    fillSubscriptions();
    for (const name of ["customer", "subscription", "month"])
        byId(`filter-${name}`).addEventListener("change", (event) => choose(name, event.target.value));
    byId("filters").addEventListener("submit", (event) => event.preventDefault());
    byId("filters").addEventListener("reset", () => {
        Object.assign(chosen, { customer: null, subscription: null, month: null });
        setTimeout(() => {
            fillSubscriptions();
            opened.clear();
            draw();
        });
    });
    theme(window.matchMedia("(prefers-color-scheme: dark)").matches);
    window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => theme(event.matches));
    byId("theme").addEventListener("click", () => theme(document.documentElement.dataset.theme !== "dark"));
    let closed = [];
    window.addEventListener("beforeprint", () => {
        closed = [...document.querySelectorAll(".quality.hold details:not([open])")];
        closed.forEach((part) => {
            part.open = true;
        });
    });
    window.addEventListener("afterprint", () =>
        closed.forEach((part) => {
            part.open = false;
        }),
    );
    byId("filters").hidden = false;
    byId("main").hidden = false;
    drawQuality();
    draw();
}

start();
