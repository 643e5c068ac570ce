// Opens a page in Chromium with the network off, and prints as JSON what a reader sees of it.
// node visit.mjs CHROMIUM PAGE TASKS, where TASKS is JSON: {choices: [{customer, subscription, month}], looks: [{width, scheme}], keys, pdf, picture}
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const [executablePath, page, text] = process.argv.slice(2);
const tasks = JSON.parse(text);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const args = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];
const browser = await chromium.launch({ executablePath, args });
const seen = { messages: [], requests: [], choices: [], looks: [], keys: [], milliseconds: 0 };

async function opened(look = {}) {
    // The policy of the page forbids scripts of others: axe comes with the browser's debugger, which the policy does not stop.
    const context = await browser.newContext({
        viewport: { width: look.width || 1280, height: 900 },
        colorScheme: look.scheme || "light",
        offline: true,
    });
    const tab = await context.newPage();
    tab.on("console", (message) => seen.messages.push(`${message.type()}: ${message.text()}`));
    tab.on("pageerror", (error) => seen.messages.push(`error: ${error.message}`));
    tab.on("dialog", (dialog) => {
        seen.messages.push(`dialog: ${dialog.message()}`);
        dialog.dismiss();
    });
    tab.on("request", (request) => {
        if (request.url() !== `file://${page}` && !request.url().startsWith("data:")) seen.requests.push(request.url());
    });
    const begun = Date.now();
    await tab.goto(`file://${page}`);
    await tab.waitForSelector("#trend-chart svg");
    seen.milliseconds = Math.max(seen.milliseconds, Date.now() - begun);
    return { tab, close: () => context.close() };
}

// What stands on the page: figures by name, tables by key as lists of rows of texts, strips of the calendar.
function read() {
    const own = (node) => {
        const copy = node.cloneNode(true);
        copy.querySelectorAll("small").forEach((part) => part.remove());
        return copy.textContent.trim();
    };
    return {
        figures: Object.fromEntries([...document.querySelectorAll("[data-figure]")].map((node) => [node.dataset.figure, own(node)])),
        tables: Object.fromEntries(
            [...document.querySelectorAll("table[data-table]")].map((table) => [
                table.dataset.table,
                [...table.querySelectorAll("tbody tr, tfoot tr")].map((row) => [...row.children].map(own)),
            ]),
        ),
        strips: Object.fromEntries(
            [...document.querySelectorAll("[data-subscription]")].map((strip) => [
                strip.dataset.subscription,
                {
                    sums: [...strip.querySelectorAll(".sum")].map((node) => node.textContent.trim()),
                    squares: [...strip.querySelectorAll(".months .day")].map((day) => day.getAttribute("class").replace("day ", "")),
                },
            ]),
        ),
        headings: [...document.querySelectorAll("h2")].filter((node) => node.checkVisibility()).map((node) => node.textContent),
        text: document.body.innerText,
    };
}

async function choose(tab, choice) {
    for (const name of ["customer", "month", "subscription"]) {
        await tab.selectOption(`#filter-${name}`, choice[name] === undefined || choice[name] === null ? "" : String(choice[name]));
    }
    const found = await tab.evaluate(read);
    for (const who of ["subscriptions", "partners", "customers"]) {
        await tab.click(`[data-who=${who}]`);
        Object.assign(found.tables, Object.fromEntries(Object.entries((await tab.evaluate(read)).tables).filter(([key]) => key === `who-${who}`)));
    }
    seen.choices.push(found);
}

if (tasks.choices) {
    const { tab, close } = await opened();
    for (const choice of tasks.choices) await choose(tab, choice);
    await close();
}

for (const look of tasks.looks || []) {
    const { tab, close } = await opened(look);
    const opens = () =>
        document.querySelectorAll("main details").forEach((part) => {
            part.open = true;
        });
    await tab.evaluate(opens);
    const cut = await tab.evaluate(() =>
        [...document.querySelectorAll("main *:not(.sr, .sr *)")]
            .filter((node) => {
                const box = node.getBoundingClientRect();
                return box.width > 1 && (box.right > innerWidth + 0.5 || box.left < -0.5);
            })
            .map((node) => `${node.tagName} ${node.className} ${node.textContent.slice(0, 40)}`),
    );
    const overflow = await tab.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await tab.evaluate(axe);
    const result = await tab.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations", "incomplete"] }));
    const said = (rules) => rules.map((rule) => `${rule.id}: ${rule.nodes.length} × ${rule.nodes[0].target} ${rule.nodes[0].failureSummary || ""}`);
    seen.looks.push({ ...look, overflow, cut, violations: said(result.violations), passes: result.passes.length });
    if (look.picture) await tab.screenshot({ path: look.picture, fullPage: true });
    await close();
}

// What the Tab key reaches, in its order, and whether the keys work that the parts of the page promise.
if (tasks.keys) {
    const { tab, close } = await opened();
    const reached = [];
    for (let step = 0; step < 400; step += 1) {
        await tab.keyboard.press("Tab");
        const name = await tab.evaluate(() => {
            const node = document.activeElement;
            const shown = getComputedStyle(node);
            return node === document.body
                ? null
                : {
                      name: node.id || node.textContent.trim().slice(0, 40),
                      tag: node.tagName,
                      outline: shown.outlineStyle !== "none" && parseFloat(shown.outlineWidth) > 0,
                  };
        });
        if (name === null) break;
        reached.push(name);
    }
    const expected = await tab.evaluate(
        () => [...document.querySelectorAll("a[href], button, select, summary")].filter((node) => node.checkVisibility()).length,
    );
    await tab.focus("#filter-month");
    await tab.keyboard.press("ArrowDown");
    const month = await tab.evaluate(() => document.querySelector("#h-month").textContent);
    await tab.focus("#calendar summary");
    await tab.keyboard.press("Enter");
    const isOpen = await tab.evaluate(() => document.querySelector("#calendar details").open);
    seen.keys = { reached, expected, month, isOpen };
    await close();
}

if (tasks.pdf) {
    const { tab, close } = await opened({ scheme: "dark" });
    await tab.pdf({ path: tasks.pdf, preferCSSPageSize: true, printBackground: true });
    await close();
}
await browser.close();
process.stdout.write(JSON.stringify(seen));
