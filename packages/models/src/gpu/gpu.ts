import type { CallOptions } from "../calling/call-options.ts";
import { ModelConfigError } from "../errors.ts";
import { Card } from "./card.ts";
import { emptyCard } from "./card-state.ts";
import type { GpuConfig } from "./config.ts";
import type { LeaseStore } from "./lease-store.ts";
import { ModelLease } from "./model-lease.ts";
import { type CardStatus, cardStatus } from "./status.ts";
import { GPU_TIMES, type GpuTimes } from "./times.ts";

export interface GpuOptions {
  store: LeaseStore;
  /** Names this holder of leases: unique to this run of this service. */
  holder: string;
  /** Aborted when the service stops: from then on nothing is kept that is not in use. */
  signal: AbortSignal;
  /** Is told what is loaded, unloaded, lost and taken over. */
  log?: GpuLog;
  times?: Partial<GpuTimes>;
}

/** Where lines go: a fixed sentence with fields. */
export interface GpuLog {
  info(fields: object, sentence: string): void;
  warn(fields: object, sentence: string): void;
}

const SILENT: GpuLog = Object.freeze({ info() {}, warn() {} });

/** Models that share cards. */
export interface Gpu {
  /**
   * Calls a model while it is on its card and nobody takes its room. `options` say how urgent it is (the model's own
   * priority unless said), and until when it is worth it to wait (60 s unless nearer). A lease is shared by the calls of
   * this process and kept until others want the room, so a call costs no write.
   * The signal that `call` gets is aborted when the caller gives up or the lease is lost; its reason says which.
   * @throws {ModelBusyError} its turn did not come in time, with its position in the line
   * @throws {GpuLoadError} its server did not load it
   * @throws {GpuLeaseLostError} the lease was lost meanwhile: no renewal was confirmed for 10 s
   * @throws what `call` throws, and the signal's reason
   */
  use<T>(model: string, options: CallOptions, call: (signal: AbortSignal) => Promise<T>): Promise<T>;
  /** The same for an answer in parts: the lease is held until its last. */
  stream<T, R>(
    model: string,
    options: CallOptions,
    call: (signal: AbortSignal) => AsyncGenerator<T, R, void>,
  ): AsyncGenerator<T, R, void>;
  /**
   * One model, for those who call it often.
   * @param dependency what its callers lean on (`detector`): that is down while the model cannot be loaded
   * @throws {ModelConfigError} when no card has it
   */
  lease(model: string, dependency?: string): ModelLease;
  /** It will be used soon: it is loaded if there is room that nobody waits for. */
  hint(model: string): void;
  /** How the cards are, as last seen. */
  status(): CardStatus[];
  /** Keys written, and writes at which another was first, since the start. */
  counts(): { writes: number; conflicts: number };
  /** Gives everything back. */
  close(): Promise<void>;
}

/** Makes the leases of some cards. @throws {ModelConfigError} when a URL or secret of a `load` cannot be used */
export function createGpu(
  { cards: configs }: GpuConfig,
  { store, holder, signal, log = SILENT, times = {} }: GpuOptions,
): Gpu {
  const all = { ...GPU_TIMES, ...times };
  const cards = configs.map((card) => new Card({ card, store, holder, log, times: all }));
  const byModel = new Map(configs.flatMap(({ models }, i) => models.map(({ name }) => [name, cards[i]!] as const)));
  const cardOf = (model: string): Card => byModel.get(model) ?? refuseUnknown(model, [...byModel.keys()]);
  const leases = new Map([...byModel].map(([model, card]) => [model, new ModelLease(card, model)]));
  const leaseOf = (model: string): ModelLease => leases.get(model) ?? refuseUnknown(model, [...leases.keys()]);
  const wind = () => {
    for (const card of cards) card.wind();
  };
  signal.addEventListener("abort", wind, { once: true });
  for (const card of cards) card.open();
  if (signal.aborted) wind();
  return {
    lease: (model, dependency) => (dependency ? new ModelLease(cardOf(model), model, dependency) : leaseOf(model)),
    use: async (model, options, call) => leaseOf(model).use(options, call),
    stream: (model, options, call) => leaseOf(model).stream(options, call),
    hint: (model) => cardOf(model).hint(model),
    status: () => configs.map((card, i) => cardStatus(card, cards[i]!.state ?? emptyCard(), all.aging_ms)),
    counts: () =>
      cards.reduce(
        (sum, { counts }) => ({ writes: sum.writes + counts.writes, conflicts: sum.conflicts + counts.conflicts }),
        { writes: 0, conflicts: 0 },
      ),
    async close() {
      signal.removeEventListener("abort", wind);
      await Promise.all(cards.map((card) => card.close()));
    },
  };
}

function refuseUnknown(model: string, known: readonly string[]): never {
  throw new ModelConfigError(
    `Cannot use model "${model}" of a card as it must be one of gpu.cards: known are ${known.join(", ") || "none"}`,
  );
}
