import { setTimeout as timer } from "node:timers/promises";
import { describeError } from "@gatehouse/errors";
import { createGpu, type Gpu } from "@gatehouse/models";
import { createLeaseStore, type Log, openBus } from "@gatehouse/runtime";
import { seeded } from "../../harness/random.ts";
import { infer } from "../../harness/simulated-gpu.ts";
import { type CallerOrders, type CallNote, sharedClockMs } from "./story.ts";

// A process whose callers use models of the card without end; each call is a line on stdout. SIGTERM ends it in order.
const orders = JSON.parse(process.argv[2]!) as CallerOrders;
const silent: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => silent };
const tell = (note: object): boolean => process.stdout.write(`${JSON.stringify(note)}\n`);

const { url: nats_url, user, password } = orders.nats;
const bus = await openBus({ nats_url, user, password, name: orders.holder, log: silent });
const stopping = new AbortController();
const { holder, card, times } = orders;
const gpu = createGpu({ cards: [card] }, { store: createLeaseStore(bus), holder, signal: stopping.signal, times });
process.once("SIGTERM", () => stopping.abort());
await Promise.all(Array.from({ length: orders.callers }, (_, i) => callOn(gpu, i)));
tell({ what: "counts", ...gpu.counts() });
await gpu.close();
await bus.close();

async function callOn(gpu: Gpu, caller: number): Promise<void> {
  const random = seeded(orders.seed * 1_000 + caller);
  while (!stopping.signal.aborted) {
    const { name: model } = card.models[Math.floor(random() * card.models.length)]!;
    const priority = Math.floor(random() * 4) as 0 | 1 | 2 | 3;
    const ms = 5 + Math.floor(random() * 60);
    const note: CallNote = {
      what: "call",
      holder,
      caller,
      model,
      priority,
      asked_ms: sharedClockMs(),
      begun_ms: null,
      ended_ms: 0,
      outcome: "done",
    };
    try {
      await gpu.use(model, { signal: stopping.signal, priority }, async (signal) => {
        note.begun_ms = sharedClockMs();
        await infer(orders.card_url, { model, ms, signal, holder });
      });
    } catch (error) {
      if (stopping.signal.aborted) return;
      note.outcome = describeError(error).code;
      // Whoever is refused at once does not ask again at once.
      await timer(100, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    note.ended_ms = sharedClockMs();
    tell(note);
  }
}
