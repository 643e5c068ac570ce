// Elements of the page. Texts become text nodes: a name that looks like HTML stays a name.
function element(tag, attributes = {}, ...children) {
    const made = tag.startsWith("svg:") ? document.createElementNS("http://www.w3.org/2000/svg", tag.slice(4)) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name === "onclick") made.addEventListener("click", value);
        else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : value);
    }
    made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
    return made;
}

function byId(id) {
    return document.getElementById(id);
}

function show(id, ...children) {
    byId(id).replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

function plural(count, one, many) {
    return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

const MONTH_NAMES = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];

function monthName(day) {
    return `${MONTH_NAMES[Number(day.slice(5, 7)) - 1]} ${day.slice(0, 4)}`;
}

// 2026-07-14 as 14 July 2026; an instant without its time.
function dayName(day) {
    return day ? `${Number(day.slice(8, 10))} ${monthName(day)}` : "–";
}

function shortDay(day) {
    return day ? `${Number(day.slice(8, 10))} ${monthName(day).slice(0, 3)} ${day.slice(0, 4)}` : "–";
}

// 12–14 Aug 2026, 30 Jul – 2 Aug 2026
function days(first, last) {
    if (first === last) return shortDay(first);
    if (first.slice(0, 7) === last.slice(0, 7)) return `${Number(first.slice(8))}–${shortDay(last)}`;
    return `${first.slice(0, 4) === last.slice(0, 4) ? shortDay(first).slice(0, -5) : shortDay(first)} – ${shortDay(last)}`;
}

// A table that is a list of cards on a narrow screen. Roles are named, as display: block takes them away.
// columns: [{head, cell: row => text or element, number, kind: its class}].  options: caption, total (texts per column), page (rows shown at first), key,
// narrow: whether it stays a table on a narrow screen, tall: whether paper may break it, however few its rows are.
const opened = new Map();

function table(columns, rows, options) {
    const shown = Math.min(rows.length, opened.get(options.key) || options.page || 25);
    const holder = element("div", { class: "table-holder" });
    const cell = (tag, role, column, content, more = {}) =>
        element(tag, { role, class: column.number ? "number" : column.kind || null, "data-label": column.head, ...more }, content);
    const line = (row) =>
        element(
            "tr",
            { role: "row" },
            columns.map((column, index) =>
                index === 0 ? cell("th", "rowheader", column, column.cell(row), { scope: "row" }) : cell("td", "cell", column, column.cell(row)),
            ),
        );
    holder.append(
        element(
            "table",
            {
                role: "table",
                "data-table": options.key,
                class: [options.narrow && "narrow", rows.length <= 12 && !options.tall && "short"].filter(Boolean).join(" ") || null,
                tabindex: "-1",
            },
            element("caption", {}, options.caption),
            element(
                "thead",
                { role: "rowgroup" },
                element(
                    "tr",
                    { role: "row" },
                    columns.map((column) =>
                        element("th", { role: "columnheader", scope: "col", class: column.number ? "number" : null }, column.head),
                    ),
                ),
            ),
            element("tbody", { role: "rowgroup" }, rows.slice(0, shown).map(line)),
            options.total &&
                element(
                    "tfoot",
                    { role: "rowgroup" },
                    element(
                        "tr",
                        { role: "row" },
                        columns.map((column, index) =>
                            index === 0
                                ? cell("th", "rowheader", column, options.total[0], { scope: "row" })
                                : cell("td", "cell", column, options.total[index]),
                        ),
                    ),
                ),
        ),
    );
    if (!rows.length) holder.append(element("p", { class: "empty" }, options.empty || "Nothing."));
    if (shown < rows.length) holder.append(more(options.key, shown, rows.length, () => holder.replaceWith(table(columns, rows, options))));
    return holder;
}

// A button that shows 100 more of a long list; again: function that draws the list anew.
function more(key, shown, all, again) {
    return element(
        "p",
        { class: "more" },
        `${shown.toLocaleString("en-US")} of ${all.toLocaleString("en-US")} are shown. `,
        element(
            "button",
            {
                type: "button",
                onclick: () => {
                    opened.set(key, shown + 100);
                    again();
                    focusOn(key);
                },
            },
            "Show more",
        ),
    );
}

// After a list has grown, the keyboard goes on from it.
function focusOn(key) {
    const list = document.querySelector(`[data-table="${key}"]`);
    if (list) list.focus({ preventScroll: true });
}

function chip(text, kind) {
    return element("span", { class: `chip ${kind}` }, text);
}
