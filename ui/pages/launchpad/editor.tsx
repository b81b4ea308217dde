import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { yaml } from "@codemirror/lang-yaml";
import { bracketMatching, indentUnit } from "@codemirror/language";
import { Compartment, EditorState, type Extension, Prec } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { type ReactNode, type Ref, useEffect, useImperativeHandle, useRef } from "react";
import { completeBy } from "./complete";
import type { Format } from "./config-text";
import { editorLook } from "./editor-look";
import { problemMarks, setProblems } from "./marks";
import type { Problem } from "./problems";
import type { Schema } from "./schema";

export interface EditorHandle {
  /** Puts the cursor at a place. */
  goTo(at: number): void;
}

interface Props {
  label: string;
  text: string;
  format: Format;
  schema: Schema;
  problems: readonly Problem[];
  onChange(text: string): void;
  /** One-click correction. */
  onCorrect(problem: Problem): void;
  /** ⌘↵; with alt the page is kept. */
  onLaunch(keep: boolean): void;
  ref?: Ref<EditorHandle>;
}

/** The text of a config. */
export const Editor = ({ ref, ...props }: Props): ReactNode => {
  const { text, format, schema, problems } = props;
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView>(null);
  /** What was typed and has not come back as `text`: on a slow machine that is several keys behind. */
  const typed = useRef<string[]>([]);
  const latest = useRef(props);
  useEffect(() => {
    latest.current = props;
  });
  useEffect(() => {
    const made = open(host.current!, latest, (doc) => {
      typed.current.push(doc);
      latest.current.onChange(doc);
    });
    view.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => {
    view.current?.dispatch({ effects: language.reconfigure(languageOf(format, schema)) });
  }, [format, schema]);
  useEffect(() => {
    const { current } = view;
    const echo = typed.current.indexOf(text);
    if (echo >= 0) typed.current.splice(0, echo + 1);
    if (!current || echo >= 0 || current.state.doc.toString() === text) return;
    current.dispatch({ changes: { from: 0, to: current.state.doc.length, insert: text } });
    typed.current = [];
  }, [text]);
  useEffect(() => {
    const correct = (problem: Problem): void => latest.current.onCorrect(problem);
    view.current?.dispatch({ effects: setProblems.of({ problems, correct }) });
  }, [problems]);
  useImperativeHandle(ref, () => ({
    goTo: (at) => {
      view.current?.dispatch({ selection: { anchor: at }, scrollIntoView: true });
      view.current?.focus();
    },
  }));
  return <div className="editor-host" ref={host} />;
};

const language = new Compartment();

const languageOf = (format: Format, schema: Schema): Extension => [
  format === "yaml" ? yaml() : json(),
  autocompletion({
    override: [completeBy(schema, format)],
    icons: false,
    addToOptions: [{ position: 20, render: ({ type }) => kind(type ?? "") }],
  }),
];

const kind = (text: string): HTMLElement =>
  Object.assign(document.createElement("span"), { className: "cm-kind", textContent: text });

/** In a tree of its own: there its styles are sheets of the script, which the page's policy allows. */
const open = (host: HTMLElement, latest: { readonly current: Props }, onTyped: (doc: string) => void): EditorView => {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const { text, format, schema, label } = latest.current;
  const launch = (keep: boolean) => (): boolean => {
    latest.current.onLaunch(keep);
    return true;
  };
  return new EditorView({
    parent: root,
    root,
    state: EditorState.create({
      doc: text,
      extensions: [
        Prec.highest(
          keymap.of([
            { key: "Mod-Enter", run: launch(false) },
            { key: "Mod-Alt-Enter", run: launch(true) },
          ]),
        ),
        ...[lineNumbers(), history(), drawSelection(), bracketMatching(), closeBrackets(), highlightActiveLine()],
        ...[highlightActiveLineGutter(), indentUnit.of("  "), EditorState.tabSize.of(2), problemMarks, editorLook],
        keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...completionKeymap]),
        language.of(languageOf(format, schema)),
        EditorView.contentAttributes.of({ "aria-label": label }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) onTyped(update.state.doc.toString());
        }),
      ],
    }),
  });
};
