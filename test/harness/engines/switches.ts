/** What happens to one request. */
export type Fault =
  /** Answered with a status, and not applied. */
  | { kind: "status"; status: number; retry_after_s?: number }
  /** Answered by a proxy in front of it, in HTML, and not applied. */
  | { kind: "proxy"; status: number }
  /** Applied, and answered with a status. */
  | { kind: "applied_status"; status: number }
  /** The connection is cut, and nothing is applied. */
  | { kind: "cut_before" }
  /** Applied, then the connection is cut. */
  | { kind: "cut_after" }
  /** The connection is cut, and the request applied that much later. */
  | { kind: "late"; late_ms: number }
  /** Applied, and answered with what is no JSON. */
  | { kind: "malformed" }
  /** Applied, and answered with JSON of another shape. */
  | { kind: "foreign" }
  /** Answered with how things were one change before, as by a replica that is behind. */
  | { kind: "stale" };

/** What the next `count` requests of an operation (by its published name) meet. */
export interface PlannedFault {
  operation: string;
  count: number;
  fault: Fault;
}

/** How a run goes on after it was created: each state that many ms after the one before. */
export interface Script {
  steps: { state: string; after_ms: number; message?: string }[];
  outputs?: Record<string, unknown>;
  artifacts?: { name: string; uri: string }[];
}

/** What `POST /_test/switch` takes; each field is optional and replaces what was set; `faults` are added, `[]` removes all. */
export interface Switches {
  latency_ms: number;
  faults: PlannedFault[];
  /** Of runs that are created from now on. */
  script: Script;
}

/** The switches of a test engine. They are not kept over a restart. */
export class SwitchBoard {
  latency_ms = 0;
  script: Script;
  #faults: PlannedFault[] = [];

  constructor(script: Script) {
    this.script = script;
  }

  set({ latency_ms, faults, script }: Partial<Switches>): void {
    if (latency_ms !== undefined) this.latency_ms = latency_ms;
    if (script) this.script = script;
    if (faults) this.#faults = faults.length === 0 ? [] : [...this.#faults, ...faults.map((each) => ({ ...each }))];
  }

  /** The fault that the next request of the operation meets, used up by one; null: none. */
  take(operation: string): Fault | null {
    const planned = this.#faults.find((each) => each.operation === operation);
    if (!planned) return null;
    planned.count -= 1;
    if (planned.count <= 0) this.#faults.splice(this.#faults.indexOf(planned), 1);
    return planned.fault;
  }
}
