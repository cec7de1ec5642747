import type { ModelRef } from "@gatehouse/events";
import { Batcher } from "../batching/batcher.ts";
import type { CallOptions } from "../calling/call-options.ts";
import type { Fault } from "../calling/faults.ts";
import { KSERVE_DEFAULTS, type KserveConfig } from "./config.ts";
import type { ModelMetadata } from "./inference-service.ts";
import { KserveModel, type KserveUse } from "./kserve-model.ts";
import { type ItemOutput, itemsOf, outputOf } from "./model-tensors.ts";
import type { InputTensor } from "./tensor.ts";

/** Batches on their way to one server: while it works on one the next arrives. */
const BATCHES_IN_FLIGHT = 2;

/** What a model said of one item. */
export interface ItemAnswer {
  output: ItemOutput;
  metadata: ModelMetadata;
  model: ModelRef;
  infer_ms: number;
  fault: Fault;
}

/** How items become a tensor, and an output an answer. */
interface ItemReading<I, A> {
  /** Sides of the output, the batch's included. */
  sides: number;
  input: (metadata: ModelMetadata, items: readonly I[], fault: Fault) => InputTensor | Promise<InputTensor>;
  /** Whether an input is much larger than its items: then no more are made than may be in flight. */
  is_large?: boolean;
  /** @throws {ModelAnswerError} when the output makes no sense */
  read: (answer: ItemAnswer, item: I) => A;
}

/** Asks a model behind KServe v2 about one item at a time, or, where it takes several, about batches. */
export class ItemModel<I, A> {
  readonly #model: KserveModel;
  readonly #reading: ItemReading<I, A>;
  readonly #batcher: Batcher<I, A> | null;

  constructor(config: KserveConfig, use: KserveUse, reading: ItemReading<I, A>) {
    this.#model = new KserveModel(config, use);
    this.#reading = reading;
    const { batch: max_items, in_flight, timeout_ms: wait_ms } = { ...KSERVE_DEFAULTS, ...config };
    const run = (items: readonly I[], options: CallOptions) => this.#askAll(items, options);
    const slots = max_items === 1 ? in_flight : BATCHES_IN_FLIGHT;
    const isSingle = max_items === 1 && !reading.is_large;
    this.#batcher = isSingle
      ? null
      : new Batcher({
          run,
          fault: this.fault,
          max_items,
          slots,
          queue: use.calling.queue,
          wait_ms,
          observer: use.calling.batches,
        });
  }

  get fault(): Fault {
    return this.#model.fault;
  }

  async ask(item: I, options: CallOptions): Promise<A> {
    if (this.#batcher) return this.#batcher.ask(item, options);
    const [answer] = await this.#askAll([item], options);
    return answer as A;
  }

  probe(signal: AbortSignal): Promise<void> {
    return this.#model.probe(signal);
  }

  close(): Promise<void> {
    return this.#model.close();
  }

  /** Of several items each may fail alone; when none makes sense, that is the server's failure. */
  async #askAll(items: readonly I[], options: CallOptions): Promise<(A | Error)[]> {
    const { sides, input, read } = this.#reading;
    const metadata = await this.#model.metadata(options);
    const name = outputOf(metadata, sides, this.fault);
    const question = { inputs: [await input(metadata, items, this.fault)], outputs: [name] };
    return this.#model.infer(question, options, ({ answer, model }) => {
      const outputs = itemsOf(answer, { name, items: items.length, sides }, this.fault);
      const answers = outputs.map((output, at) => {
        const said = { output, metadata, model, infer_ms: answer.infer_ms, fault: this.fault };
        return orError(() => read(said, items[at]!));
      });
      const [first] = answers;
      if (first instanceof Error && answers.every((one) => one instanceof Error)) throw first;
      return answers;
    });
  }
}

function orError<A>(read: () => A): A | Error {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
