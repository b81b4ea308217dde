import { type ReactNode, useMemo } from "react";
import type { Json } from "../../../client";
import { useParam } from "../../data/url";
import { Segments } from "../../parts/buttons";
import { counted } from "../../parts/format";
import { changedKeys, type DiffLine, diffOf } from "./config-lines";

const VIEWS = [
  { value: "unified", label: "Unified" },
  { value: "beside", label: "Side by side" },
] as const;
type View = (typeof VIEWS)[number]["value"];

/** How the second config differs from the first, line by line. */
export const ConfigDiff = ({ a, b }: { a: Json; b: Json }): ReactNode => {
  const lines = useMemo(() => diffOf(a, b), [a, b]);
  const [view, setView] = useParam("diff");
  return (
    <section className="card" aria-labelledby="cm-config">
      <header>
        <h2 id="cm-config">Config</h2>
        <span className="dim num">{counted(changedKeys(a, b).length, "change")}</span>
        <span className="grow" />
        <Segments<View>
          label="How the configs are shown"
          value={view === "beside" ? "beside" : "unified"}
          options={VIEWS}
          onChange={(next) => setView(next === "beside" ? next : null)}
        />
      </header>
      <div
        className={`cf ${view === "beside" ? "beside" : ""}`}
        tabIndex={0}
        role="region"
        aria-label="Configs, line by line"
      >
        {view === "beside" ? (
          <>
            <Lines lines={lines.filter(({ sign }) => sign !== "+")} />
            <Lines lines={lines.filter(({ sign }) => sign !== "−")} />
          </>
        ) : (
          <Lines lines={lines} />
        )}
      </div>
    </section>
  );
};

const CLASSES = { "": "", "−": "m", "+": "p" };

const Lines = ({ lines }: { lines: readonly DiffLine[] }): ReactNode => (
  <pre>
    {lines.map(({ sign, text }, i) => (
      <span key={i} className={CLASSES[sign]}>
        {sign || " "} {text}
      </span>
    ))}
  </pre>
);
