/** What stands on a row. */
export const ROW = { step: 0, node: 1, group: 2, section: 3, more: 4, worker: 5, lane: 6, outside: 7 } as const;
export type RowKind = keyof typeof ROW;
const KIND_NAMES = Object.keys(ROW) as RowKind[];

export const HEIGHT: Readonly<Record<RowKind, number>> = {
  step: 26,
  node: 26,
  group: 66,
  section: 24,
  more: 24,
  worker: 30,
  lane: 22,
  outside: 26,
};

/** On phones the name of a row stands above what is drawn of it: so high are the two. */
const STACKED: Readonly<Record<RowKind, { name: number; drawn: number }>> = {
  step: { name: 26, drawn: 22 },
  node: { name: 26, drawn: 22 },
  group: { name: 50, drawn: 48 },
  section: { name: 28, drawn: 0 },
  more: { name: 44, drawn: 0 },
  worker: { name: 28, drawn: 28 },
  lane: { name: 24, drawn: 20 },
  outside: { name: 44, drawn: 0 },
};

/** Rows by columns: a hundred thousand of them cost no objects. */
export class Rows {
  count = 0;
  private kinds = new Uint8Array(64);
  /** A step, a node or a worker by its place. */
  private refs = new Int32Array(64);
  private indents = new Uint8Array(64);
  /** `tops[count]` is the height of all. */
  private tops = new Float64Array(65);

  /** @param stacked names stand above what is drawn, not beside it. */
  constructor(readonly stacked = false) {}

  add(kind: RowKind, ref: number, indent = 0): void {
    if (this.count === this.kinds.length) this.grow();
    const at = this.count++;
    this.kinds[at] = ROW[kind];
    this.refs[at] = ref;
    this.indents[at] = indent;
    const { name, drawn } = STACKED[kind];
    this.tops[at + 1] = this.tops[at]! + (this.stacked ? name + drawn : HEIGHT[kind]);
  }

  kind(row: number): RowKind {
    return KIND_NAMES[this.kinds[row]!]!;
  }
  ref(row: number): number {
    return this.refs[row]!;
  }
  indent(row: number): number {
    return this.indents[row]!;
  }
  top(row: number): number {
    return this.tops[row]!;
  }
  height(row: number): number {
    return this.tops[row + 1]! - this.tops[row]!;
  }
  /** How much of a row, from its top on, is its name's alone. */
  nameHeight(row: number): number {
    return this.stacked ? STACKED[this.kind(row)].name : 0;
  }
  /** Where a row is drawn: from its top on when its name stands beside that. */
  drawn(row: number): { top: number; height: number } {
    const name = this.nameHeight(row);
    return { top: this.top(row) + name, height: this.height(row) - name };
  }
  get total(): number {
    return this.tops[this.count]!;
  }

  /** The row at a height; −1: below all. */
  at(y: number): number {
    if (y < 0 || y >= this.total) return -1;
    let [low, high] = [0, this.count - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.tops[middle]! <= y) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** The first row that stands for this; −1: none does. */
  find(kind: RowKind, ref: number): number {
    for (let row = 0; row < this.count; row++) if (this.refs[row] === ref && this.kinds[row] === ROW[kind]) return row;
    return -1;
  }

  private grow(): void {
    const size = this.kinds.length * 2;
    const [kinds, refs] = [new Uint8Array(size), new Int32Array(size)];
    const [indents, tops] = [new Uint8Array(size), new Float64Array(size + 1)];
    kinds.set(this.kinds);
    refs.set(this.refs);
    indents.set(this.indents);
    tops.set(this.tops);
    Object.assign(this, { kinds, refs, indents, tops });
  }
}
