/** Names that many steps have in common: a column keeps numbers in their place, 0 where there is no name. */
export class Names {
  readonly list: string[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(name: string | null): number {
    if (name === null) return 0;
    let number = this.numbers.get(name);
    if (number === undefined) this.numbers.set(name, (number = this.list.push(name)));
    return number;
  }

  of(number: number): string | null {
    return this.list[number - 1] ?? null;
  }
}
