import { setTimeout as timer } from "node:timers/promises";
import type { Fault, PlannedFault, Script } from "../../harness/engines/switches.ts";
import { seeded } from "../../harness/random.ts";
import type { Trouble } from "./pipelines-story.ts";

/** What is posted under `/_test/`. */
export type Happening = readonly [name: string, body: object];

/** An engine under `url` that is given trouble. */
export interface TroubledEngine {
  url: string;
  /** Published names of what it can be asked. */
  submit: string;
  others: readonly string[];
  /** What its runs do, and what they do when they fail. */
  scripts: { good: Script; failing: Script };
  /** What happens to it at once, one after the other. */
  events: readonly Happening[];
  /** What it is told again and again, as it forgets that when it is killed. */
  standing: readonly Happening[];
  /** What it is told when the storm is over. */
  peace: readonly Happening[];
}

export interface TroubleOptions {
  seed: number;
  late_ms: readonly number[];
  /** Tokens are refused for a moment, and answers behind. */
  is_harsh: boolean;
  /** Whether that engine was killed or paused so lately that it need not answer. */
  wasStruck(url: string): boolean;
}

export type Troubled = Pick<Trouble, "happened" | "unexplained">;

const EVERY_MS = 400;
const ASK_MS = 3_000;

/** Sets the switches of engines by chance until `over` aborts, then sets them to peace. */
export async function troubleEngines(
  engines: readonly TroubledEngine[],
  options: TroubleOptions,
  over: AbortSignal,
): Promise<Troubled> {
  const random = seeded(options.seed + 2);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const { submits, looks } = faultsOf(options);
  const next = new Map<TroubledEngine, number>();
  const troubled: Troubled = { happened: {}, unexplained: [] };
  const happen = async ({ url }: TroubledEngine, happening: Happening) => {
    const fault = await post(url, happening, options.wasStruck);
    const name = nameOf(happening);
    if (fault === null) troubled.happened[name] = (troubled.happened[name] ?? 0) + 1;
    else if (fault !== "away") troubled.unexplained.push(`${name}: ${fault}`);
  };
  while (!over.aborted) {
    const engine = pick(engines);
    const faults: PlannedFault[] = [
      { operation: engine.submit, count: 1, fault: pick(submits) },
      { operation: pick(engine.others), count: 1, fault: pick(looks) },
    ];
    const script = random() < 0.3 ? engine.scripts.failing : engine.scripts.good;
    await happen(engine, ["switch", { faults, script, latency_ms: Math.floor(random() * 60) }]);
    for (const each of engine.standing) await happen(engine, each);
    if (engine.events.length > 0 && random() < 0.6) {
      const at = next.get(engine) ?? 0;
      next.set(engine, at + 1);
      await happen(engine, engine.events[at % engine.events.length]!);
    }
    await timer(EVERY_MS * (0.5 + random()));
  }
  for (const engine of engines) {
    await happen(engine, ["switch", { faults: [], script: engine.scripts.good, latency_ms: 0 }]);
    for (const each of engine.peace) await happen(engine, each);
  }
  return troubled;
}

function faultsOf({ late_ms, is_harsh }: TroubleOptions): { submits: Fault[]; looks: Fault[] } {
  const strangers = [401, 403].map((status): Fault => ({ kind: "status", status }));
  return {
    submits: [
      { kind: "cut_after" },
      { kind: "cut_after" },
      { kind: "cut_before" },
      ...late_ms.map((ms): Fault => ({ kind: "late", late_ms: ms })),
      { kind: "status", status: 429, retry_after_s: 1 },
      { kind: "status", status: 500 },
      { kind: "status", status: 503 },
      { kind: "applied_status", status: 500 },
      { kind: "applied_status", status: 504 },
      { kind: "malformed" },
      { kind: "foreign" },
      ...(is_harsh ? strangers : []),
    ],
    looks: [
      { kind: "status", status: 500 },
      { kind: "cut_after" },
      { kind: "malformed" },
      ...(is_harsh ? [...strangers, { kind: "stale" } as const] : []),
    ],
  };
}

const nameOf = ([name, body]: Happening): string => ("how" in body ? String(body.how) : name);

/** Null: it was switched on. An answer that says otherwise is a fault whatever was done to the engine. */
async function post(url: string, [name, body]: Happening, wasStruck: (url: string) => boolean): Promise<string | null> {
  const init = { method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(ASK_MS) };
  try {
    const response = await fetch(`${url}/_test/${name}`, init);
    const said = await response.text();
    return response.ok ? null : `${response.status} ${said}`;
  } catch (error) {
    return wasStruck(url) ? "away" : String(error);
  }
}
