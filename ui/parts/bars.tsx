import type { ReactNode } from "react";
import { count } from "./format";
import type { Tone } from "./status";

interface BarProps {
  /** What it is made of, from left to right. */
  parts: readonly (readonly [Tone | "none", number])[];
  /** 100 %; what the parts lack stays empty. */
  total: number;
  height?: number;
  /** What is counted: "steps". */
  of: string;
}

const SPOKEN: Record<Tone | "none", string> = {
  success: "succeeded",
  failure: "failed",
  started: "started",
  queued: "waiting",
  retry: "up for retry",
  canceled: "canceled or skipped",
  lost: "lost",
  none: "to come",
};

/** Shares of a whole by status, each at least 2 px wide. */
export const Bar = ({ parts, total, height = 6, of }: BarProps): ReactNode => {
  const shown = parts.filter(([, n]) => n > 0);
  const words = shown.map(([tone, n]) => `${count(n)} ${SPOKEN[tone]}`).join(", ");
  return (
    <span className="pbar" style={{ height }} role="img" aria-label={`${of}: ${words || "none"}`}>
      {shown.map(([tone, n]) => (
        <i key={tone} className={`f-${tone}`} style={{ width: `${Math.max((100 * n) / total, 0.8)}%` }} />
      ))}
    </span>
  );
};

interface SparkProps {
  values: readonly number[];
  width?: number;
  height?: number;
  /** A status, or neutral. */
  tone?: Tone;
  /** That the top stands for, at least. */
  least?: number;
}

/** The course of a figure beside it; the figure itself stands in words. */
export const Spark = ({ values, width = 64, height = 20, tone, least = 0 }: SparkProps): ReactNode => {
  const most = Math.max(...values, least) || 1;
  const step = width / Math.max(1, values.length - 1);
  const points = values.map(
    (v, i) => `${(i * step).toFixed(1)} ${(height - 1.5 - (v / most) * (height - 3)).toFixed(1)}`,
  );
  const colour = tone ? `var(--${tone})` : "var(--text3)";
  return (
    <svg className="spark" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <path d={`M0 ${height} L${points.join(" L")} L${width} ${height}z`} fill={colour} opacity=".13" />
      <path d={`M${points.join(" L")}`} fill="none" stroke={colour} strokeWidth="1.4" strokeLinejoin="round" />
    </svg>
  );
};
