import { setTimeout as wait } from "node:timers/promises";
import { BadRequestError } from "./errors.ts";

/** What can be made to go wrong at a door. All off by default. */
export interface DoorFailures {
  /** Added before each answer, milliseconds. */
  latency_ms: number;
  /** Share of requests that are refused with `status`, 0..1, drawn from a seeded generator. */
  error_rate: number;
  /** The status of such a refusal, 400..599. */
  status: number;
  /** Takes the request and never answers. */
  hang: boolean;
  /** Destroys the socket after this many tokens, or pieces of sound; null: never. Chat and speak only. */
  drop_after_tokens: number | null;
  /** Refuses with 503 and the words of a card whose memory is full. */
  out_of_memory: boolean;
  /** Answers 200 with something that is no JSON. */
  garbage: boolean;
  /** Answers without looking at the picture: true for an empty list, or the one box to answer. Detect; speak answers silence, transcribe that nobody listened. */
  zero_cost: boolean | { x: number; y: number; width: number; height: number };
  /** Speed of a stream; null: as fast as it goes. Chat only. */
  tokens_per_s: number | null;
}

export const doorNames = [
  "detect",
  "chat",
  "kserve",
  "repository",
  "embed",
  "rerank",
  "clip",
  "speak",
  "transcribe",
  "florence",
] as const;
export type DoorName = (typeof doorNames)[number];

/** The switches of all doors. Changing a field takes effect with the next request. */
export type FailureSwitches = Record<DoorName, DoorFailures>;

export const noFailures: Readonly<DoorFailures> = Object.freeze({
  latency_ms: 0,
  error_rate: 0,
  status: 500,
  hang: false,
  drop_after_tokens: null,
  out_of_memory: false,
  garbage: false,
  zero_cost: false,
  tokens_per_s: null,
});

/** Fresh switches, those given set. */
export function makeSwitches(given: Partial<Record<DoorName, Partial<DoorFailures>>> = {}): FailureSwitches {
  return Object.fromEntries(doorNames.map((name) => [name, { ...noFailures, ...given[name] }])) as FailureSwitches;
}

const wanted: Record<keyof DoorFailures, { words: string; fits(value: unknown): boolean }> = {
  latency_ms: { words: "0..600000", fits: (value) => within(value, 0, 600_000) },
  error_rate: { words: "0..1", fits: (value) => within(value, 0, 1) },
  status: { words: "400..599", fits: (value) => within(value, 400, 599) && Number.isInteger(value) },
  hang: { words: "a boolean", fits: isBoolean },
  drop_after_tokens: { words: "null or 0..1000000", fits: (value) => value === null || within(value, 0, 1e6) },
  out_of_memory: { words: "a boolean", fits: isBoolean },
  garbage: { words: "a boolean", fits: isBoolean },
  zero_cost: { words: "a boolean or {x, y, width, height}", fits: (value) => isBoolean(value) || isBox(value) },
  tokens_per_s: { words: "null or 0.1..100000", fits: (value) => value === null || within(value, 0.1, 1e5) },
};

/** Checks switches from outside. @throws {BadRequestError} naming every field that is unknown or out of range */
export function readSwitches(body: unknown): Partial<DoorFailures> {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw new BadRequestError(`Cannot set failures as the body must be a JSON object: current value is ${typeof body}`);
  const faults = Object.entries(body).flatMap(([name, value]) => {
    const rule = wanted[name as keyof DoorFailures];
    if (!Object.hasOwn(wanted, name)) return [`"${name}" is unknown`];
    return rule.fits(value) ? [] : [`"${name}" must be ${rule.words}: current value is ${JSON.stringify(value)}`];
  });
  if (faults.length > 0) throw new BadRequestError(`Cannot set failures: ${faults.join("; ")}`);
  return body;
}

function within(value: unknown, least: number, most: number): boolean {
  return typeof value === "number" && value >= least && value <= most;
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}

function isBox(value: unknown): boolean {
  const box = value as Record<string, unknown> | null;
  return (
    typeof box === "object" && box !== null && ["x", "y", "width", "height"].every((key) => within(box[key], 0, 1e6))
  );
}

/** Waits; resolves early, with false, when the signal aborts. */
export async function pause(ms: number, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  return wait(ms, true, { signal }).catch(() => false);
}
