import { setTimeout as sleep } from "node:timers/promises";
import { dynamic, Failure, job, op, optional, z } from "dqueue";

const SOURCES = ["gl", "ap", "ar", "bank", "payroll", "fx"] as const;
const MATCHES = 400;

/** Works for so long, and tells how many rows it has seen. */
const step = (name: string, ms: number) =>
  op({
    name,
    out: z.number().int(),
    run: async ({ log, signal }) => {
      await sleep(ms, undefined, { signal });
      log(`${name}: ${ms * 3} rows`);
      return ms * 3;
    },
  });

const plan = step("plan_close", 170);
const extracts = SOURCES.map((source, i) => step(`extract_${source}`, 500 + ((i * 389) % 1_100)));
const checks = SOURCES.map((source, i) => step(`check_${source}`, 90 + ((i * 61) % 180)));
const [loadPeriods, loadAccounts, loadRates, closeGate] = [
  step("load_periods", 260),
  step("load_accounts", 480),
  step("load_rates", 250),
  step("close_gate", 120),
];
const entries = op({
  name: "list_entries",
  out: dynamic(z.number()),
  *run() {
    for (let i = 0; i < MATCHES; i++) yield { key: String(i), value: i };
  },
});
const matchEntry = op({
  name: "match_entry",
  ...{ in: z.number(), out: z.number() },
  run: async ({ input, signal }) => {
    await sleep(900 + ((input * 7_919) % 900), undefined, { signal });
    return input;
  },
});
const scoreMatches = op({
  name: "score_matches",
  ...{ in: z.array(z.number()), out: z.number() },
  run: ({ input }) => input.length,
});
const isQuarterEnd = op({
  name: "is_quarter_end",
  out: { yes: optional(z.boolean()), no: optional(z.boolean()) },
  run: async () => {
    await sleep(50);
    return { no: true };
  },
});
const provision = op({ name: "q_provision", in: z.boolean(), out: z.number(), run: () => 1 });
const revalue = op({
  name: "fx_revalue",
  out: z.number(),
  run: async () => {
    await sleep(640);
    throw new Failure("There is no rate for TRY on 2026-10-31", { metadata: { currency: "TRY" }, retryable: false });
  },
});

const named = (...names: [string, number][]) => names.map(([name, ms]) => step(name, ms));
const [accrue, post, reconcile, postFx] = named(
  ["accrue_payroll", 350],
  ["post_accruals", 840],
  ["reconcile_bank", 300],
  ["post_fx", 300],
);
const [openItems, variance, postMatches, exceptions] = named(
  ["open_items", 200],
  ["variance", 1_040],
  ["post_matches", 200],
  ["exceptions", 200],
);
const [trialBalance, cashFlow, balanceSheet, income] = named(
  ["trial_balance", 500],
  ["cash_flow", 100],
  ["balance_sheet", 100],
  ["income_statement", 100],
);
const [publish, notify, archive, tax, file] = named(
  ["publish", 100],
  ["notify", 100],
  ["archive", 100],
  ["q_tax", 100],
  ["q_file", 100],
);

/** Closes a month's books: most of its ops have something to wait for. */
export const monthClose = job(
  "month_close",
  { description: "Closes a month's books", tags: { team: "finance" } },
  (g) => {
    const planned = g.call(plan);
    const checked = SOURCES.map((_, i) => g.after(g.after(planned).call(extracts[i]!)).call(checks[i]!));
    const [gl, ap, ar, bank, payroll, fx] = checked as [(typeof checked)[0], ...typeof checked];
    const periods = g.after([gl!, ap!]).call(loadPeriods);
    const accounts = g.after([ap!, ar!, bank!]).call(loadAccounts);
    const rates = g.after([payroll!, fx!]).call(loadRates);
    const gate = g.after([accounts, rates]).call(closeGate);
    const matched = g.map(g.after(gate).call(entries), matchEntry);
    const accrued = g.after(gate).call(accrue!);
    const posted = g.after([accrued, periods]).call(post!);
    const fxPosted = g.after(g.after([gate, rates]).call(revalue)).call(postFx!);
    const { yes } = g.after(gate).call(isQuarterEnd);
    g.after(g.after(g.call(provision, yes)).call(tax!)).call(file!);
    const scored = g.call(scoreMatches, g.collect(matched));
    const opened = g.after(scored).call(openItems!);
    const explained = g.after(posted).call(variance!);
    const put = g.after([scored, g.after(accrued).call(reconcile!)]).call(postMatches!);
    const left = g.after(opened).call(exceptions!);
    const balance = g.after([explained, put, fxPosted]).call(trialBalance!);
    const statements = [cashFlow, balanceSheet, income].map((statement) => g.after(balance).call(statement!));
    const out = g.after([...statements, left]).call(publish!);
    g.after(out).call(notify!);
    g.after(out).call(archive!);
  },
);
