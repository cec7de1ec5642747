import { setTimeout as timer } from "node:timers/promises";
import type { Fault, PlannedFault, Script, Switches } from "../../harness/engines/switches.ts";
import { seeded } from "../../harness/random.ts";

/** An engine under `url` that is given trouble. */
export interface TroubledEngine {
  url: string;
  /** Published names of what it can be asked. */
  submit: string;
  others: readonly string[];
  /** What its runs do, and what they do when they fail. */
  scripts: { good: Script; failing: Script };
  /** What happens to it at once, under `/_test/`. */
  events: readonly (readonly [name: string, body: object])[];
}

const EVERY_MS = 400;
const ASK_MS = 1_000;

/** Sets the switches of engines by chance until `over` aborts, then sets them to peace. An engine that is away is left alone. */
export async function troubleEngines(
  engines: readonly TroubledEngine[],
  { seed, late_ms }: { seed: number; late_ms: readonly number[] },
  over: AbortSignal,
): Promise<void> {
  const random = seeded(seed + 2);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)]!;
  const submits: readonly Fault[] = [
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
  ];
  const looks: readonly Fault[] = [{ kind: "status", status: 500 }, { kind: "cut_after" }, { kind: "malformed" }];
  while (!over.aborted) {
    const engine = pick(engines);
    const faults: PlannedFault[] = [
      { operation: engine.submit, count: 1, fault: pick(submits) },
      { operation: pick(engine.others), count: 1, fault: pick(looks) },
    ];
    const script = random() < 0.3 ? engine.scripts.failing : engine.scripts.good;
    await turn(engine, { faults, script, latency_ms: Math.floor(random() * 60) });
    if (engine.events.length > 0 && random() < 0.3) await happen(engine, pick(engine.events));
    await timer(EVERY_MS * (0.5 + random()));
  }
  for (const engine of engines) await turn(engine, { faults: [], script: engine.scripts.good, latency_ms: 0 });
}

const turn = (engine: TroubledEngine, switches: Switches): Promise<void> => happen(engine, ["switch", switches]);

/** An engine that is away, or paused, is told in vain. */
async function happen({ url }: TroubledEngine, [name, body]: readonly [string, object]): Promise<void> {
  const init = { method: "POST", body: JSON.stringify(body), signal: AbortSignal.timeout(ASK_MS) };
  await fetch(`${url}/_test/${name}`, init).then(
    (response) => response.arrayBuffer(),
    () => undefined,
  );
}
