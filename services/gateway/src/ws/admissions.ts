import { RateLimitedError } from "../errors.ts";

/** How many connections there may be. */
export interface ConnectionLimits {
  ws_connections_per_key: number;
  ws_connections_per_address: number;
}

/** One connection that was let in. */
export interface Admitted {
  /** Counts it for a key. @throws {RateLimitedError} */
  as(key_id: string): void;
  leave(): void;
}

/** Counts the connections of each key and address. */
export class Admissions {
  readonly #limits: ConnectionLimits;
  readonly #counts = new Map<string, number>();

  constructor(limits: ConnectionLimits) {
    this.#limits = limits;
  }

  /** @throws {RateLimitedError} */
  assertRoom(address: string): void {
    this.#assertBelow(`address ${address}`, this.#limits.ws_connections_per_address);
  }

  /** @throws {RateLimitedError} */
  assertRoomFor(key_id: string): void {
    this.#assertBelow(`key ${key_id}`, this.#limits.ws_connections_per_key);
  }

  at(address: string): Admitted {
    const counted = [`address ${address}`];
    this.#add(counted[0]!, 1);
    let here = true;
    return {
      as: (key_id) => {
        if (!here) return;
        this.assertRoomFor(key_id);
        counted.push(`key ${key_id}`);
        this.#add(`key ${key_id}`, 1);
      },
      leave: () => {
        here = false;
        for (const name of counted.splice(0)) this.#add(name, -1);
      },
    };
  }

  #assertBelow(name: string, most: number): void {
    if ((this.#counts.get(name) ?? 0) < most) return;
    throw new RateLimitedError(
      `Cannot open one more connection of this ${name.split(" ")[0]} as there may be ${most}`,
      {
        retry_after_ms: 5_000,
      },
    );
  }

  #add(name: string, by: number): void {
    const count = (this.#counts.get(name) ?? 0) + by;
    if (count > 0) this.#counts.set(name, count);
    else this.#counts.delete(name);
  }
}
