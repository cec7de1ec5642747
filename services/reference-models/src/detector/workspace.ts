/**
 * Arrays that are used again from picture to picture: a picture needs some 3 MB of them, and making them anew costs more
 * than working on them. What it handed out is free again at the next `begin()`, so nothing may be kept beyond a picture.
 */
export class Workspace {
  readonly #floats = new Pool((size) => new Float32Array(size));
  readonly #ints = new Pool((size) => new Int32Array(size));
  readonly #bytes = new Pool((size) => new Uint8Array(size));

  /** Takes everything back. */
  begin(): void {
    this.#floats.begin();
    this.#ints.begin();
    this.#bytes.begin();
  }

  /** Of any content. */
  floats(size: number): Float32Array {
    return this.#floats.take(size);
  }

  /** Of zeros. */
  ints(size: number): Int32Array {
    return this.#ints.take(size).fill(0);
  }

  /** Of zeros. */
  bytes(size: number): Uint8Array {
    return this.#bytes.take(size).fill(0);
  }

  copyOf(bytes: Uint8Array): Uint8Array {
    const copy = this.#bytes.take(bytes.length);
    copy.set(bytes);
    return copy;
  }
}

class Pool<Items extends { length: number }> {
  readonly #made: Items[] = [];
  readonly #make: (size: number) => Items;
  #next = 0;

  constructor(make: (size: number) => Items) {
    this.#make = make;
  }

  begin(): void {
    this.#next = 0;
  }

  take(size: number): Items {
    const at = this.#next++;
    let items = this.#made[at];
    if (items?.length !== size) items = this.#made[at] = this.#make(size);
    return items;
  }
}
