import { seeded } from "../harness/random.ts";

/** Whoever can be killed or paused. */
export interface Victim {
  readonly name: string;
  kill(): void;
  pause(): void;
  resume(): void;
}

/** One thing that is done to somebody. */
export interface Blow {
  victim: string;
  what: "kill" | "pause";
  /** Before it, after the one before. */
  wait_ms: number;
  /** How long a pause lasts. */
  pause_ms: number;
}

/** Every victim is killed `kills` times and paused `pauses` times, in an order that the seed decides. */
export function planBlows(
  victims: readonly string[],
  { kills, pauses, seed, every_ms }: { kills: number; pauses: number; seed: number; every_ms: number },
): Blow[] {
  const random = seeded(seed);
  const all = victims.flatMap((victim) => [
    ...Array.from({ length: kills }, () => ({ victim, what: "kill" as const })),
    ...Array.from({ length: pauses }, () => ({ victim, what: "pause" as const })),
  ]);
  for (let i = all.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [all[i], all[j]] = [all[j]!, all[i]!];
  }
  return all.map((blow) => ({
    ...blow,
    wait_ms: Math.round(every_ms * (0.5 + random())),
    pause_ms: 500 + Math.round(random() * 2_500),
  }));
}
