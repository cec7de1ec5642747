import { createLog, openBus } from "@gatehouse/runtime";
import { serve } from "../measure/actor.ts";
import { makeSet, type StageRun } from "./wire.ts";

const AT_ONCE = 500;

/** Fills the stream with sets, each with its own frame id. */
async function load({ nats_url, user, password, count, round }: StageRun & { round: number }): Promise<number> {
  const log = createLog({ name: "loader", level: "warn", home: process.env.BENCH_HOME!, stdout: "silent" });
  const bus = await openBus({ nats_url, user, password, name: "loader", log });
  for (let done = 0; done < count; done += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - done) }, (_, i) =>
      bus.publish("bench.front-door.taken", makeSet(`f-${round}-${done + i}`), {
        id: `front-door.f-${round}-${done + i}`,
      }),
    );
    await Promise.all(some);
  }
  await bus.close();
  await log.close();
  return count;
}

const operations = { load };
export type Operations = typeof operations;

serve(operations);
