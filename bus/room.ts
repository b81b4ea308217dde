/**
 * Room for what is in flight, by count and by bytes. Whoever finds none waits in line, so back-pressure reaches the
 * caller and the order of the calls is kept.
 */
export class Room {
  #items = 0;
  #bytes = 0;
  readonly #line: { items: number; bytes: number; enter: () => void }[] = [];

  constructor(
    private readonly maxItems: number,
    private readonly maxBytes: number,
  ) {}

  /** Calls `enter` as soon as there is room: now, if nobody waits. What is above all bounds enters an empty room. */
  take(items: number, bytes: number, enter: () => void): void {
    if (this.#line.length > 0 || !this.#fits(bytes)) this.#line.push({ items, bytes, enter });
    else this.#admit(items, bytes, enter);
  }

  give(items: number, bytes: number): void {
    this.#items -= items;
    this.#bytes -= bytes;
    // In the same turn: a later caller must not get ahead of one that has been let in.
    for (let next = this.#line[0]; next && this.#fits(next.bytes); next = this.#line[0]) {
      this.#line.shift();
      this.#admit(next.items, next.bytes, next.enter);
    }
  }

  get inFlight(): number {
    return this.#items;
  }

  get waiting(): number {
    return this.#line.length;
  }

  #fits(bytes: number): boolean {
    return this.#items === 0 || (this.#items < this.maxItems && this.#bytes + bytes <= this.maxBytes);
  }

  #admit(items: number, bytes: number, enter: () => void): void {
    this.#items += items;
    this.#bytes += bytes;
    enter();
  }
}
