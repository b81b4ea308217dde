import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import type { Run } from "../../../../client";
import { runQuery } from "../../../data/queries";
import { useParam } from "../../../data/url";
import { Segments } from "../../../parts/buttons";
import { Chip } from "../../../parts/chips";
import { CopyButton } from "../../../parts/copy";
import { RunLink } from "../../../parts/ids";
import { JsonTree } from "../../../parts/json-tree";
import { Loaded } from "../../../parts/states";
import "./config.css";

const VIEWS = [
  { value: "tree", label: "Tree" },
  { value: "json", label: "JSON" },
] as const;

/** What a run was launched with. */
export default function ConfigTab({ runId }: { runId: string }): ReactNode {
  const query = useQuery(runQuery(runId));
  const [view, setView] = useParam("view");
  return (
    <Loaded query={query} failed="The run could not be loaded">
      {(run) => {
        const json = JSON.stringify(run.config, null, 2);
        return (
          <div className="cfg">
            <section className="box" aria-labelledby="cfg-config">
              <header>
                <h2 id="cfg-config">Config</h2>
                <span className="grow" />
                <Segments
                  label="How the config is shown"
                  value={view === "json" ? "json" : "tree"}
                  options={VIEWS}
                  onChange={(next) => setView(next === "json" ? "json" : null)}
                />
                <CopyButton text={json} what="config" />
              </header>
              <div className="value" tabIndex={0} role="region" aria-label="The config">
                {Object.keys(run.config).length === 0 ? (
                  <p className="dim">The run was given no config: defaults hold.</p>
                ) : view === "json" ? (
                  <pre>{json}</pre>
                ) : (
                  <JsonTree value={run.config} open={3} />
                )}
              </div>
            </section>
            <Facts run={run} />
          </div>
        );
      }}
    </Loaded>
  );
}

const Facts = ({ run }: { run: Run }): ReactNode => {
  const facts: [string, ReactNode][] = [
    ["Run", <Copied key="id" text={run.id} what="id" />],
    ["Code version", <Copied key="code" text={run.code_version} what="code version" />],
    ["Graph", <Copied key="graph" text={run.graph_id} what="graph" />],
    ["Priority", run.priority],
    ["Run key", run.run_key === null ? null : <Copied key="key" text={run.run_key} what="run key" />],
    ["Repeats", run.parent_run_id && <RunLink id={run.parent_run_id} className="link" />],
    [
      "First of its line",
      run.root_run_id && run.root_run_id !== run.id && <RunLink id={run.root_run_id} className="link" />,
    ],
    [
      "Steps selected",
      run.selection && run.selection.map(({ node, path }) => node + path.map((key) => `[${key}]`).join("")).join(", "),
    ],
  ];
  const tags = Object.entries(run.tags);
  return (
    <section className="box" aria-labelledby="cfg-facts">
      <header>
        <h2 id="cfg-facts">Launched as</h2>
      </header>
      <dl className="facts">
        {facts
          .filter(([, value]) => value !== null && value !== undefined && value !== false)
          .map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        <div>
          <dt>Tags</dt>
          <dd className="tags">
            {tags.length === 0 ? "none" : tags.map(([name, value]) => <Chip key={name} name={name} value={value} />)}
          </dd>
        </div>
      </dl>
    </section>
  );
};

const Copied = ({ text, what }: { text: string; what: string }): ReactNode => (
  <span className="copied">
    <span className="mono ell" title={text}>
      {text}
    </span>
    <CopyButton text={text} what={what} />
  </span>
);
