// Reads amounts, a line each, and writes how the page rounds and adds them: node round.mjs MONEY_JS
import { readFileSync } from "node:fs";

const money = new Function(`${readFileSync(process.argv[2], "utf8")}; return { amountOf, sum, decimals };`)();
const texts = readFileSync(0, "utf8").trim().split("\n");
const amounts = texts.map(money.amountOf);
process.stdout.write(JSON.stringify({ shown: amounts.map((amount) => money.decimals(amount, 2)), total: money.decimals(money.sum(amounts), 18) }));
