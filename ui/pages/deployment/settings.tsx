import { type ReactNode, useState } from "react";
import type { Deployment } from "../../../client";
import { Segments } from "../../parts/buttons";
import { counted } from "../../parts/format";
import { Icon } from "../../parts/icon";
import { StatusIcon } from "../../parts/status";

type Setting = Deployment["settings"][number];
type Value = Setting["values"][number];
type Shown = "changed" | "all";

const SHOWN: readonly { value: Shown; label: string }[] = [
  { value: "changed", label: "Changed" },
  { value: "all", label: "All" },
];

const FROM: Readonly<Record<Value["origin"], string>> = {
  default: "default",
  environment: "environment",
  file: "dqueue.yaml",
  flag: "command line",
};

const isChanged = ({ values }: Setting): boolean => values.some(({ origin }) => origin !== "default");
/** Of the values: a setting may come from a file here and from the environment there. */
const differs = ({ values }: Setting): boolean => new Set(values.map(({ value }) => value)).size > 1;

/** What the processes were told, and by what; passwords are not among it. */
export const Settings = ({ settings, processes }: { settings: readonly Setting[]; processes: number }): ReactNode => {
  const [asked, setAsked] = useState<Shown | null>(null);
  const changed = settings.filter(isChanged);
  // Where nothing was told, the defaults are what there is to see.
  const view = asked ?? (changed.length > 0 ? "changed" : "all");
  const shown = view === "changed" ? changed : settings;
  return (
    <section className="card" aria-labelledby="dep-settings">
      <div className="cardh">
        <h2 id="dep-settings">Settings</h2>
        <span className="sub num ell">
          {changed.length} of {settings.length} changed, without passwords
        </span>
        <span className="grow" />
        <Segments label="Settings shown" value={view} options={SHOWN} onChange={(next: Shown) => setAsked(next)} />
      </div>
      <div className="table-place" role="region" aria-label="Settings with their origin" tabIndex={0}>
        <table className="table lines two settings">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Value</th>
              <th scope="col">From</th>
              <th scope="col">Processes</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((setting) => (
              <Row key={setting.name} setting={setting} processes={processes} />
            ))}
          </tbody>
        </table>
      </div>
      <Agreement settings={settings} processes={processes} />
    </section>
  );
};

const Row = ({ setting, processes }: { setting: Setting; processes: number }): ReactNode => {
  const { name, about, shared, values } = setting;
  const wrong = shared && differs(setting);
  return values.map(({ value, origin, nodes }, at) => (
    <tr key={`${origin} ${value}`} className={`${at > 0 ? "more" : ""} ${at < values.length - 1 ? "goes-on" : ""}`}>
      {at === 0 && (
        <th scope="row" className="mono rest" rowSpan={values.length} title={about}>
          {name}
        </th>
      )}
      <td className={`mono value below rest ${origin === "default" ? "dim" : ""} ${wrong ? "t-retry" : ""}`}>
        {value.includes("***") && <Icon name="key" size={12} />}
        {value}
      </td>
      <td data-title="from" className={`end ${origin === "default" ? "dim" : ""}`}>
        {FROM[origin]}
      </td>
      <td data-title="in" className="num below" title={nodes.join("\n")}>
        {nodes.length === processes ? <span className="dim">all</span> : nodes.length}
      </td>
    </tr>
  ));
};

/** Whether all processes were told the same where they need it. */
const Agreement = ({ settings, processes }: { settings: readonly Setting[]; processes: number }): ReactNode => {
  const odd = settings.filter((setting) => setting.shared && differs(setting)).map(({ name }) => name);
  const shared = settings.filter((setting) => setting.shared).map(({ name }) => name);
  return (
    <p className="depfoot">
      {odd.length > 0 ? (
        <>
          <Icon name="alert" size={14} />
          <span className="t-retry">
            Processes differ in {odd.join(", ")}, and need the same: set {odd.length === 1 ? "it" : "them"} alike
            everywhere.
          </span>
        </>
      ) : (
        <>
          <StatusIcon status="SUCCESS" label="Agreed" />
          <span>
            {processes === 1 ? "The one process has" : `All ${counted(processes, "process", "processes")} agree on`}{" "}
            what must be alike: {shared.join(", ")}.
          </span>
        </>
      )}
    </p>
  );
};
