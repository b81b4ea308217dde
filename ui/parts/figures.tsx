import type { ReactNode } from "react";

/** A figure, its name, and what it is to be held against. */
export type Figure = readonly [name: string, value: string, about: string];

/** Figures in a row. */
export const Figures = ({ all, large }: { all: readonly Figure[]; large?: boolean }): ReactNode => (
  <dl className={`figures ${large ? "large" : ""}`}>
    {all.map(([name, value, about]) => (
      <div key={name}>
        <dt className="dim">{name}</dt>
        <dd>
          <b className="num">{value}</b>
          <span className="dim num">{about || "\u00a0"}</span>
        </dd>
      </div>
    ))}
  </dl>
);
