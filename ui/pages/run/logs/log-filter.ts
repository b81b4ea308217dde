import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { LogFilter, LogKind, LogSearchOptions } from "../../../../client";
import { useInTurn } from "../../../data/in-turn";
import { runQuery } from "../../../data/queries";
import { useParam, writeParams } from "../../../data/url";
import { instantOf, useAskedMoment } from "../steps/use-moment";

export const KINDS: readonly { kind: LogKind; word: string; tone?: "failure" | "retry" }[] = [
  { kind: "error", word: "error", tone: "failure" },
  { kind: "warn", word: "warn", tone: "retry" },
  { kind: "info", word: "info" },
  { kind: "debug", word: "debug" },
  { kind: "stdout", word: "out" },
  { kind: "stderr", word: "err", tone: "failure" },
];

/** What is shown of a run's logs and what is looked for in it, as the address says. */
export interface LogAddress {
  filter: LogFilter;
  hidden: ReadonlySet<string>;
  find: string;
  mode: NonNullable<LogSearchOptions["mode"]>;
  wrap: boolean;
  /** True where only a part of the lines is shown. */
  partial: boolean;
}

export const useLogAddress = (run: string): LogAddress => {
  const [step] = useParam("step");
  const [attempt] = useParam("attempt");
  const [worker] = useParam("worker");
  const [hide] = useParam("hide");
  const [find] = useParam("find");
  const [how] = useParam("how");
  const [wrap] = useParam("wrap");
  const until = useUntil(run);
  return useMemo(() => {
    const hidden = new Set(hide.split(",").filter((kind) => KINDS.some((known) => known.kind === kind)));
    const shown = KINDS.map(({ kind }) => kind).filter((kind) => !hidden.has(kind));
    const filter: LogFilter = {
      ...(step && { step }),
      ...(/^[1-9]\d{0,8}$/.test(attempt) && { attempt: Number(attempt) }),
      ...(worker && { worker }),
      ...(hidden.size > 0 && shown.length > 0 && { kind: shown }),
      ...(until !== null && { until }),
    };
    const mode = (["case", "regex", "case-regex"] as const).find((known) => known === how) ?? "plain";
    return { filter, hidden, find, mode, wrap: wrap === "1", partial: Object.keys(filter).length > 0 };
  }, [step, attempt, worker, hide, find, how, wrap, until]);
};

/** The moment of the past that is shown; null: now. */
const useUntil = (run: string): string | null => {
  const [asked] = useAskedMoment();
  const { data: created } = useQuery({ ...runQuery(run), select: ({ created_at }) => Date.parse(created_at) });
  const until = useInTurn(created === undefined ? null : instantOf(created, asked), ["logs", run, "book"]);
  return until === null ? null : new Date(until).toISOString();
};

/** Shows or hides lines of a kind; the last kind cannot be hidden. */
export const toggleKind = (hidden: ReadonlySet<string>, kind: LogKind): void => {
  const next = new Set(hidden);
  if (!next.delete(kind)) next.add(kind);
  if (next.size < KINDS.length) writeParams({ hide: [...next].join(",") }, { push: true });
};

/** What is looked for, as the browser finds it; null: nothing, or no pattern (yet). */
export const patternOf = ({ find, mode }: LogAddress): RegExp | null => {
  if (find === "") return null;
  const source = mode.endsWith("regex") ? find : find.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  try {
    return new RegExp(source, mode.startsWith("case") ? "g" : "gi");
  } catch {
    return null;
  }
};
