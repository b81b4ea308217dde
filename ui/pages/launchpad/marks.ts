import { type Extension, RangeSet, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  EditorView,
  gutterLineClass,
  GutterMarker,
  WidgetType,
} from "@codemirror/view";
import type { Problem } from "./problems";

export const setProblems = StateEffect.define<{ problems: readonly Problem[]; correct(problem: Problem): void }>();

/** What is wrong, beside its line, with the way out where there is one. */
class Hint extends WidgetType {
  constructor(
    private readonly problem: Problem,
    private readonly correct: () => void,
  ) {
    super();
  }

  override eq(other: Hint): boolean {
    return other.problem.message === this.problem.message && other.problem.name === this.problem.name;
  }

  toDOM(): HTMLElement {
    const { name, message, fix } = this.problem;
    const hint = document.createElement("span");
    hint.className = "cm-hint";
    hint.append(Object.assign(document.createElement("b"), { textContent: name }), ` ${message} `);
    if (fix !== null) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: `Use ${fix}` });
      button.addEventListener("click", this.correct);
      hint.append(button);
    }
    return hint;
  }

  override ignoreEvent(): boolean {
    return true;
  }
}

const badNumber = new (class extends GutterMarker {
  override elementClass = "cm-bad-number";
})();

const marks = StateField.define<{ marks: DecorationSet; numbers: RangeSet<GutterMarker> }>({
  create: () => ({ marks: Decoration.none, numbers: RangeSet.empty }),
  update: (known, transaction) => {
    const told = transaction.effects.find((effect) => effect.is(setProblems));
    if (!told) return { marks: known.marks.map(transaction.changes), numbers: known.numbers.map(transaction.changes) };
    const { problems, correct } = told.value;
    const { doc } = transaction.state;
    const ranges = problems.flatMap((problem) => {
      const from = Math.min(problem.place.from, doc.length);
      const to = Math.min(problem.place.to, doc.length);
      const line = doc.lineAt(from);
      return [
        Decoration.line({ class: "cm-bad" }).range(line.from),
        ...(to > from ? [Decoration.mark({ class: "cm-wrong" }).range(from, to)] : []),
        Decoration.widget({ widget: new Hint(problem, () => correct(problem)), side: 1 }).range(line.to),
      ];
    });
    const starts = [...new Set(problems.map(({ place }) => doc.lineAt(Math.min(place.from, doc.length)).from))];
    return {
      marks: Decoration.set(ranges, true),
      numbers: RangeSet.of(
        starts.map((at) => badNumber.range(at)),
        true,
      ),
    };
  },
  provide: (field) => [
    EditorView.decorations.from(field, ({ marks }) => marks),
    gutterLineClass.from(field, ({ numbers }) => numbers),
  ],
});

export const problemMarks: Extension = marks;
