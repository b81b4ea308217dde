import type { Completion } from "@codemirror/autocomplete";
import type { EditorView } from "@codemirror/view";
import { cache } from "../../data/cache";
import { deploymentQuery } from "../../data/queries";
import type { Format } from "./config-text";

/** As the processes were told; nothing tells the values. Where it cannot be asked there is nothing to offer. */
const allowedVariables = async (): Promise<string[]> => {
  const deployment = await cache.ensureQueryData(deploymentQuery).catch(() => null);
  const told = deployment?.settings.find(({ name }) => name === "DQUEUE_SECRETS")?.values ?? [];
  return [...new Set(told.flatMap(({ value }) => value.split(/[\s,]+/).filter(Boolean)))];
};

/** References to the variables that a config may name in place of a text; of `NAME_*` the rest is left to be typed. */
export const secretsOffered = async (format: Format): Promise<Completion[]> =>
  (await allowedVariables()).map((allowed) => {
    const name = allowed.replace(/\*$/, "");
    return {
      label: `$secret env:${allowed}`,
      type: "secret",
      detail: "by reference",
      info: "The step's process alone is given the value of this environment variable of the worker.",
      boost: -1,
      apply: (view: EditorView, _completion: Completion, from: number, to: number) =>
        put(view, { before: format === "yaml" ? `{ $secret: "env:${name}` : `{ "$secret": "env:${name}`, from, to }),
    };
  });

const AFTER = '" }';

/** The cursor stays behind the name: a quote that the editor has closed already goes. */
const put = (view: EditorView, { before, from, to }: { before: string; from: number; to: number }): void => {
  const opened = view.state.sliceDoc(from, from + 1) === '"';
  const end = opened && view.state.sliceDoc(to, to + 1) === '"' ? to + 1 : to;
  view.dispatch({ changes: { from, to: end, insert: before + AFTER }, selection: { anchor: from + before.length } });
};
