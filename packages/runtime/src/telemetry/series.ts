/** Names of the labels of a metric, and their values for one series. */
export type Labels<L extends string = string> = Readonly<Record<L, string>>;

/** How many label combinations one metric keeps; what comes after them is counted together under `other`. */
const MAX_SERIES = 1000;

/** The series of one metric by their labels: bounded, whatever is used as a label. */
export class SeriesMap<L extends string, T> {
  readonly #names: readonly L[];
  readonly #make: () => T;
  readonly #cells = new Map<string, { labels: Labels<L>; cell: T }>();

  constructor(names: readonly L[], make: () => T) {
    this.#names = names;
    this.#make = make;
  }

  /** The series with these labels; the same one every time. */
  of(labels: Labels<L>): T {
    const key = this.#names.map((name) => labels[name]).join("\u0000");
    const known = this.#cells.get(key);
    if (known) return known.cell;
    const other = this.#cells.size >= MAX_SERIES;
    if (other && this.#names.some((name) => labels[name] !== "other")) return this.#other();
    const own = Object.fromEntries(this.#names.map((name) => [name, String(labels[name])])) as Labels<L>;
    const made = { labels: own, cell: this.#make() };
    this.#cells.set(key, made);
    return made.cell;
  }

  *[Symbol.iterator](): Iterator<{ labels: Labels<L>; cell: T }> {
    yield* this.#cells.values();
  }

  #other(): T {
    return this.of(Object.fromEntries(this.#names.map((name) => [name, "other"])) as Labels<L>);
  }
}
