import { type Checker, compileCheck, decodeBody, encode } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import type { LoadingConfig } from "./config.ts";

const Text = Type.String({ maxLength: 2048 });
const Whole = Type.Integer({ minimum: 0 });

/** Who loads or unloads a model now. */
const Work = Type.Object({ holder: Text, until_ms: Whole });

const Model = Type.Object({
  /** VRAM counts from `loading` until the server confirmed that it is unloaded. */
  state: Type.Union([Type.Literal("loading"), Type.Literal("loaded"), Type.Literal("unloading")]),
  vram_mb: Whole,
  /** When it was last used, give or take a renewal; always later than what was used before it. */
  last_used_ms: Whole,
  /** How it was loaded: so it is unloaded, whatever the configuration says by then. */
  load: Type.Unsafe<LoadingConfig>(Type.Object({ kind: Text }, { additionalProperties: true })),
  by: Type.Union([Work, Type.Null()]),
  /** Why the last try to load or unload it failed. */
  fault: Type.Union([Text, Type.Null()]),
});

const Lease = Type.Object({ id: Text, holder: Text, model: Text, until_ms: Whole });

const Waiter = Type.Object({
  id: Text,
  holder: Text,
  model: Text,
  /** 0 critical … 3 low. */
  priority: Type.Integer({ minimum: 0, maximum: 3 }),
  /** How long it waits, by its own clock, as last told. */
  waited_ms: Whole,
  until_ms: Whole,
});

/** For how long a holder was not seen to renew since it wrote this `until_ms`, as counted by whoever looked. */
const Silent = Type.Object({ holder: Text, until_ms: Whole, silent_ms: Whole });

const State = Type.Object({
  models: Type.Record(Text, Model),
  leases: Type.Array(Lease),
  /** In order of arrival. */
  waiters: Type.Array(Waiter),
  silences: Type.Array(Silent),
});

/**
 * What a card's key holds. `until_ms` is for people: it changes with each renewal, and whoever does not see it change
 * for 15 s of its own clock takes over. No clock of one machine is compared with another's.
 */
export type CardState = Static<typeof State>;
export type CardModel = Static<typeof Model>;
export type CardLease = Static<typeof Lease>;
export type CardWaiter = Static<typeof Waiter>;
export type CardSilence = Static<typeof Silent>;

const check: Checker<typeof State> = compileCheck(State);

/** A card on which nothing is. */
export const emptyCard = (): CardState => ({ models: {}, leases: [], waiters: [], silences: [] });

/** @throws {UndecodableError | SchemaViolationError} when it is no state of a card */
export function readCard(body: Uint8Array): CardState {
  const fields: unknown = decodeBody(body).fields;
  check.assert(fields, "Cannot read the state of a card");
  return fields;
}

export const writeCard = (state: CardState): Uint8Array => encode(state);

/** VRAM that is taken, or may be: everything that is not known to be unloaded. */
export const usedMb = ({ models }: Pick<CardState, "models">): number =>
  Object.values(models).reduce((sum, { vram_mb }) => sum + vram_mb, 0);

/** The time of a use that comes after all that are known: by the clock, unless another machine's is ahead. */
export const nextUse = ({ models }: Pick<CardState, "models">, now_ms: number): number =>
  Object.values(models).reduce((last, { last_used_ms }) => Math.max(last, last_used_ms + 1), now_ms);

/** Whether it could not be loaded, or cannot be unloaded. */
export const isFailed = (model: CardModel | undefined): boolean => model?.state === "unloading" && model.fault !== null;

/** The latest `until_ms` of everything that each holder has. */
export function renewals({ models, leases, waiters }: Omit<CardState, "silences">): Map<string, number> {
  const works = Object.values(models).flatMap(({ by }) => by ?? []);
  const latest = new Map<string, number>();
  for (const { holder, until_ms } of [...works, ...leases, ...waiters])
    latest.set(holder, Math.max(until_ms, latest.get(holder) ?? 0));
  return latest;
}
