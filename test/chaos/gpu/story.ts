import type { CardConfig, GpuTimes } from "@gatehouse/models";
import type { GpuEvent } from "../../harness/simulated-gpu.ts";

/** What a process of callers is told. */
export interface CallerOrders {
  holder: string;
  nats: { url: string; user: string; password: string };
  card: CardConfig;
  card_url: string;
  callers: number;
  seed: number;
  times: Partial<GpuTimes>;
}

/** One call, as its caller saw it. */
export interface CallNote {
  what: "call";
  holder: string;
  caller: number;
  model: string;
  priority: number;
  /** Of the clock that all processes of one machine share, milliseconds. */
  asked_ms: number;
  begun_ms: number | null;
  ended_ms: number;
  /** `done`, or the code of the error. */
  outcome: string;
}

/** What was done to a process of callers. */
export interface BlowNote {
  what: "kill" | "pause";
  holder: string;
  at_ms: number;
  /** When a paused one went on; null: it never did. */
  until_ms: number | null;
}

/** When a holder stood in the card's key for the last time. */
export interface GoneNote {
  holder: string;
  at_ms: number;
}

/** Everything that was written down: by the card, by the callers, and by whoever struck. */
export interface GpuStory {
  card: CardConfig;
  events: GpuEvent[];
  calls: CallNote[];
  blows: BlowNote[];
  gone: GoneNote[];
  /** When the last blow had fallen and the last pause was over. */
  calm_ms: number;
  writes: number;
  conflicts: number;
}

/** Milliseconds that all processes of this machine agree on, whatever is done to the time of day. */
export const sharedClockMs = (): number => Number(process.hrtime.bigint() / 1_000n) / 1_000;
