import { useQuery } from "@tanstack/react-query";
import { type ReactNode, type RefObject, useEffect, useMemo, useRef } from "react";
import { Link } from "wouter";
import type { Job, Run } from "../../../client";
import { useMissingRole } from "../../data/me";
import { runQuery } from "../../data/queries";
import { useParam } from "../../data/url";
import { type KeyGroup, useKeys } from "../../frame/keys";
import { PageTop } from "../../frame/page-top";
import { Button, Segments } from "../../parts/buttons";
import { copyText } from "../../parts/copy";
import { shortId } from "../../parts/format";
import { tell } from "../../parts/toasts";
import { cliOf, curlOf } from "./commands";
import { entriesOf } from "./ops";
import type { Picked } from "./plan";
import { Editor, type EditorHandle } from "./editor";
import { ConfigForm } from "./form";
import { LaunchPanel } from "./launch-panel";
import { PresetTabs, PresetVerbs } from "./preset-tabs";
import type { Preset } from "./presets";
import { ProblemLine } from "./problem-line";
import { isReady, type Launchpad, useLaunchpad } from "./use-launchpad";

const VIEWS = [
  { value: "yaml", label: "YAML" },
  { value: "json", label: "JSON" },
  { value: "form", label: "Form" },
] as const;

/** The document at the left, what it comes to at the right. */
export default function Workbench({
  job,
  from,
  preset,
  heading,
}: {
  job: Job;
  from: Run | null;
  preset: Preset | null;
  heading: ReactNode;
}): ReactNode {
  const pick = useSteps();
  const pad = useLaunchpad(job, from, preset, pick.steps);
  const editor = useRef<EditorHandle>(null);
  const lastId = job.last_run?.id ?? null;
  const { data: last } = useQuery({ ...runQuery(lastId ?? ""), enabled: lastId !== null });
  const missing = useMissingRole("launcher");
  const launch = (keep: boolean): void => {
    if (missing) tell({ title: missing });
    else if (isReady(pad)) void pad.start(keep);
  };
  useLaunchKey(launch);
  const goTo = (at: number): void => editor.current?.goTo(at);
  return (
    <>
      <PageTop title={`Launch ${job.name}`} heading={heading} actions={<CopyAs pad={pad} />} onPhones="below" />
      <div className="launchpad">
        <section className="document" aria-label="Config">
          <Tabs {...{ job, from, preset, pad }} />
          <Document job={job} pad={pad} editor={editor} onLaunch={launch} />
          <ProblemLine pad={pad} schema={job.config_schema} goTo={goTo} />
        </section>
        <LaunchPanel
          {...{ job, pad, from, pick }}
          last={last?.id === from?.id ? (from ?? last) : last}
          onLaunch={launch}
        />
      </div>
    </>
  );
}

/** The steps that the address asks for. */
const useSteps = (): Picked => {
  const [text, setText] = useParam("steps");
  const steps = useMemo(() => entriesOf(text), [text]);
  return { text, setText, steps };
};

const useLaunchKey = (launch: (keep: boolean) => void): void => {
  const latest = useRef(launch);
  useEffect(() => {
    latest.current = launch;
  });
  useKeys(
    useMemo<KeyGroup>(
      () => ({
        title: "Launchpad",
        bindings: [{ keys: "mod+enter", label: "Launch", typing: true, act: () => latest.current(false) }],
      }),
      [],
    ),
  );
};

const CopyAs = ({ pad: { launch } }: { pad: Launchpad }): ReactNode => {
  const copy = (text: string, what: string) => () =>
    void copyText(text).then(() => tell({ title: `Copied as ${what}` }));
  return (
    <>
      <Button icon="terminal" kind="ghost" onClick={copy(curlOf(launch), "curl")}>
        Copy as curl
      </Button>
      <Button icon="copy" kind="ghost" onClick={copy(cliOf(launch), "CLI")}>
        Copy as CLI
      </Button>
    </>
  );
};

/** Where the document begins, and how it is shown. */
const Tabs = ({
  job,
  from,
  preset,
  pad,
}: {
  job: Job;
  from: Run | null;
  preset: Preset | null;
  pad: Launchpad;
}): ReactNode => {
  const [view, setView] = useParam("view");
  const { draft, config, toFormat, discard } = pad;
  const path = `/jobs/${encodeURIComponent(job.name)}/launch`;
  const plain = from === null && preset === null;
  const shown = from?.id ?? job.last_run?.id;
  const presets = { job: job.name, path, open: preset, draft };
  const shownView = view === "form" ? "form" : draft.format;
  const show = (next: "yaml" | "json" | "form"): void => {
    if (next !== "form") toFormat(next);
    setView(next === "form" ? "form" : null);
  };
  return (
    <div className="document-tabs">
      <nav className="tabs" aria-label="Begin from">
        <Link href={path} {...(plain && { "aria-current": "page" as const })}>
          Draft
          {plain && draft.savedAt !== null && <i className="changed" title="Changed, kept in this browser" />}
        </Link>
        {shown !== undefined && (
          <Link href={`${path}?from=${shown}`} {...(from !== null && { "aria-current": "page" as const })}>
            {shown === job.last_run?.id ? "Last run" : "Run"} <em>{shortId(shown)}</em>
            {from !== null && draft.savedAt !== null && <i className="changed" title="Changed, kept in this browser" />}
          </Link>
        )}
        <PresetTabs {...presets} />
      </nav>
      <span className="grow" />
      {draft.savedAt !== null && (
        <Button small kind="ghost" onClick={discard}>
          Discard
        </Button>
      )}
      <PresetVerbs {...presets} discard={discard} />
      <Segments
        label="Shown as"
        value={shownView}
        options={VIEWS.filter(({ value }) => value === shownView || config.value !== null)}
        onChange={show}
      />
    </div>
  );
};

const Document = ({
  job,
  pad,
  editor,
  onLaunch,
}: {
  job: Job;
  pad: Launchpad;
  editor: RefObject<EditorHandle | null>;
  onLaunch(keep: boolean): void;
}): ReactNode => {
  const [view] = useParam("view");
  const { draft, config, change, correct } = pad;
  // Those with the choice of ops stand beside it.
  const problems = useMemo(() => pad.problems.filter(({ kind }) => kind !== "steps"), [pad.problems]);
  if (view === "form" && config.value !== null)
    return <ConfigForm schema={job.config_schema} value={config.value} problems={problems} edit={pad.edit} />;
  return (
    <Editor
      ref={editor}
      label={`Config of ${job.name}`}
      text={draft.text}
      format={draft.format}
      schema={job.config_schema}
      problems={problems}
      onChange={(text) => change({ text })}
      onCorrect={correct}
      onLaunch={onLaunch}
    />
  );
};
