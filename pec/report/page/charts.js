// Charts, drawn by Vega-Lite from the figures of the tables below them. Colours are variables of the style sheet, so that they follow the theme and print.
const COLOURS = { Earned: "var(--earned)", Missed: "var(--missed)", Unexpected: "var(--unexpected)", Recoverable: "var(--lost)" };
const PARTS = {
    Earned: (sums) => sums.due - sums.missed,
    Missed: (sums) => sums.missed,
    Unexpected: (sums) => sums.unexpected,
    Recoverable: (sums) => sums.lost,
};
const CONFIG = {
    aria: false,
    background: null,
    font: "inherit",
    view: { stroke: null },
    axis: {
        labelColor: "var(--muted)",
        titleColor: "var(--muted)",
        gridColor: "var(--line)",
        domainColor: "var(--line)",
        tickColor: "var(--line)",
        labelFontSize: 12,
        titleFontSize: 12,
        titleFontWeight: "normal",
        labelFont: "system-ui, sans-serif",
        titleFont: "system-ui, sans-serif",
    },
};
const drawn = new Map();

// Draws a chart into a figure. spec: Vega-Lite without its data.  label: what it shows, for those who do not see it.
function chart(id, values, spec, label, legend = []) {
    const figure = byId(id);
    const holder = element("div", { class: "chart-holder", role: "img", "aria-label": label });
    figure.hidden = !values.length;
    if (drawn.has(id))
        drawn.get(id).then(
            (embedded) => embedded.finalize(),
            () => {},
        );
    figure.replaceChildren(
        element(
            "ul",
            { class: "chart-legend" },
            legend.map((part) => element("li", { style: `--colour:${COLOURS[part]}` }, part)),
        ),
        holder,
        element("figcaption", { class: "sr" }, `${label}. The table below has the figures.`),
    );
    if (!values.length) return;
    const whole = {
        $schema: "https://vega.github.io/schema/vega-lite/v6.json",
        width: "container",
        autosize: { type: "fit", contains: "padding" },
        ...spec,
        data: { values },
    };
    const options = {
        actions: false,
        ast: true,
        renderer: "svg",
        defaultStyle: false,
        config: CONFIG,
        tooltip: { theme: "custom", disableDefaultStyle: true },
    };
    const made = window.vegaEmbed(holder, whole, options);
    drawn.set(id, made);
    // The picture is one thing with one label; its marks are no further ones.
    made.then(() => holder.querySelector("svg").setAttribute("aria-hidden", "true"));
}

function parts(lines, label) {
    return lines.flatMap((line, order) =>
        Object.entries(PARTS).map(([part, of], rank) => ({
            label: label(line),
            part,
            rank,
            order,
            usd: inexact(of(line.sums)),
            amount: `${money(of(line.sums))} USD`,
        })),
    );
}

const COLOUR = {
    field: "part",
    type: "nominal",
    legend: null,
    sort: Object.keys(PARTS),
    scale: { domain: Object.keys(PARTS), range: Object.values(COLOURS) },
};
const TOOLTIP = [
    { field: "label", title: "of" },
    { field: "part", title: "credit" },
    { field: "amount", title: "amount" },
];

function trendChart(lines) {
    const values = parts(lines, (line) => monthName(monthOf(line.month)[0]).replace(/^(...)\S*/, "$1"));
    chart(
        "trend-chart",
        values,
        {
            height: 260,
            mark: { type: "bar", size: Math.min(90, (window.innerWidth < 720 ? 150 : 480) / lines.length), cornerRadius: 1 },
            encoding: {
                x: {
                    field: "label",
                    type: "nominal",
                    sort: { field: "order" },
                    axis: { title: null, labelAngle: 0, domain: false, ticks: false, labelPadding: 8, labelOverlap: true },
                },
                y: { field: "usd", type: "quantitative", stack: "zero", axis: { title: "USD", format: ",.0f", tickCount: 5, domain: false } },
                color: COLOUR,
                order: { field: "rank" },
                tooltip: TOOLTIP,
            },
        },
        "Credit by month: earned, missed, unexpected and recoverable",
        Object.keys(PARTS),
    );
}

// The ten lines in which most is at stake.
function whoChart(lines, kind) {
    const top = lines.filter((line) => line.sums.missed + line.sums.unexpected + line.sums.lost > 0n).slice(0, 10);
    const values = parts(top, (line) => kind.plain(line.key)).filter((value) => value.part !== "Earned");
    const narrow = window.innerWidth < 720;
    chart(
        "who-chart",
        values,
        {
            height: 60 + 26 * top.length,
            mark: { type: "bar", size: 16, cornerRadius: 1 },
            encoding: {
                y: {
                    field: "label",
                    type: "nominal",
                    sort: { field: "order" },
                    axis: { title: null, domain: false, ticks: false, labelLimit: narrow ? 120 : 280, labelPadding: 8 },
                },
                x: {
                    field: "usd",
                    type: "quantitative",
                    stack: "zero",
                    axis: { title: "USD", format: ",.0f", tickCount: narrow ? 3 : 6, domain: false },
                },
                color: COLOUR,
                order: { field: "rank" },
                tooltip: TOOLTIP,
            },
        },
        `${kind.name} with most at stake: missed, unexpected and recoverable credit`,
        Object.keys(PARTS).slice(1),
    );
}

const SHORT_CAUSES = {
    credit: "Credit",
    azure_credit: "Azure credit",
    price: "Price",
    exchange_rate: "Exchange rate",
    promotion: "Promotion",
    quantity: "Quantity",
    formula: "Formula",
    unmatched: "One side only",
    not_usage: "No usage",
    rounding: "Rounding",
};

// What explains the differences of one currency.
function causeChart(id, causes, currency) {
    const values = causes
        .filter((cause) => cause.amount !== 0n)
        .map((cause, order) => ({
            label: SHORT_CAUSES[cause.name],
            order,
            value: inexact(cause.amount),
            amount: `${money(cause.amount)} ${currency}`,
            sign: cause.amount < 0n ? "less" : "more",
        }));
    chart(
        id,
        values,
        {
            height: 60 + 26 * values.length,
            mark: { type: "bar", size: 16, cornerRadius: 1 },
            encoding: {
                y: { field: "label", type: "nominal", sort: { field: "order" }, axis: { title: null, domain: false, ticks: false, labelPadding: 8 } },
                x: {
                    field: "value",
                    type: "quantitative",
                    axis: { title: `${currency}, invoiced less recomputed`, format: ",.0f", tickCount: 5, domain: false },
                },
                color: {
                    field: "sign",
                    type: "nominal",
                    legend: null,
                    scale: { domain: ["more", "less"], range: ["var(--missed)", "var(--earned)"] },
                },
                tooltip: [
                    { field: "label", title: "cause" },
                    { field: "amount", title: "amount" },
                ],
            },
        },
        `Difference of the invoices in ${currency} by cause`,
    );
}
