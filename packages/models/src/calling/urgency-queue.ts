import type { Priority } from "./call-options.ts";

/** How urgent a waiting value is. */
export interface Urgency {
  priority: Priority;
  /** Milliseconds since the epoch. */
  deadline_ms: number;
}

/** Where a value waits: what `remove` takes. */
export interface Place<T> extends Urgency {
  readonly value: T;
  /** Order of arrival. */
  readonly turn: number;
  /** Index in the heap; -1 once it left. */
  at: number;
}

/**
 * Values that wait: the smallest priority first, then the nearest deadline, then the first come.
 * A binary heap whose members know their index, so that leaving from the middle costs O(log n) as well.
 */
export class UrgencyQueue<T> {
  readonly #heap: Place<T>[] = [];
  #turns = 0;

  get size(): number {
    return this.#heap.length;
  }

  push(value: T, { priority, deadline_ms }: Urgency): Place<T> {
    const place = { value, priority, deadline_ms, turn: this.#turns++, at: this.#heap.length };
    this.#heap.push(place);
    this.#rise(place);
    return place;
  }

  /** Takes out the most urgent one. */
  shift(): T | undefined {
    const first = this.#heap[0];
    if (first) this.remove(first);
    return first?.value;
  }

  /** Takes one out, wherever it waits. @returns whether it was still waiting */
  remove(place: Place<T>): boolean {
    const { at } = place;
    if (at < 0) return false;
    place.at = -1;
    const last = this.#heap.pop()!;
    if (last !== place) {
      this.#put(last, at);
      this.#rise(last);
      this.#sink(last);
    }
    return true;
  }

  #rise(place: Place<T>): void {
    while (place.at > 0) {
      const above = this.#heap[(place.at - 1) >> 1]!;
      if (!isBefore(place, above)) return;
      this.#swap(place, above);
    }
  }

  #sink(place: Place<T>): void {
    for (;;) {
      const left = this.#heap[2 * place.at + 1];
      const right = this.#heap[2 * place.at + 2];
      const below = right && isBefore(right, left!) ? right : left;
      if (!below || !isBefore(below, place)) return;
      this.#swap(place, below);
    }
  }

  #swap(one: Place<T>, other: Place<T>): void {
    const { at } = one;
    this.#put(one, other.at);
    this.#put(other, at);
  }

  #put(place: Place<T>, at: number): void {
    this.#heap[at] = place;
    place.at = at;
  }
}

function isBefore(one: Place<unknown>, other: Place<unknown>): boolean {
  if (one.priority !== other.priority) return one.priority < other.priority;
  if (one.deadline_ms !== other.deadline_ms) return one.deadline_ms < other.deadline_ms;
  return one.turn < other.turn;
}
