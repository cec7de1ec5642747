import type { World } from "../harness/world.ts";
import type { Blow, Victim } from "./plan.ts";

/** The backing servers, as victims. */
export function serversOf({ nats, postgres, redis }: World): Victim[] {
  return [nats, postgres, redis].map((server) => ({
    name: server.name,
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
  }));
}

/** Strikes by the plan. `over` aborts when the last blow has fallen. */
export function strike(
  plan: readonly Blow[],
  victims: readonly Victim[],
  tell: (line: string) => void,
): { done: Promise<void>; over: AbortSignal } {
  const over = new AbortController();
  const run = async (): Promise<void> => {
    const resuming: Promise<void>[] = [];
    for (const [i, { victim: name, what, wait_ms, pause_ms }] of plan.entries()) {
      await sleep(wait_ms);
      const victim = victims.find((candidate) => candidate.name === name)!;
      if (what === "kill") victim.kill();
      else {
        victim.pause();
        resuming.push(sleep(pause_ms).then(() => victim.resume()));
      }
      if (i % 20 === 19) tell(`${i + 1} of ${plan.length} blows`);
    }
    await Promise.all(resuming);
    for (const victim of victims) victim.resume();
    over.abort();
  };
  return { done: run(), over: over.signal };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
