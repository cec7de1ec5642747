import { expect, test } from "vitest";
import type { Log } from "../log.ts";
import { Pause } from "./pause.ts";

const log = { warn() {}, info() {} } as unknown as Log;

function setup() {
  const cellar = { up: false, probes: 0 };
  const probe = async () => {
    cellar.probes++;
    if (!cellar.up) throw new Error("nobody answers");
  };
  const pause = new Pause([{ name: "cellar", probe }], log);
  return { cellar, pause };
}

test("clear() waits until the probe of what was reported succeeds", async () => {
  const { cellar, pause } = setup();
  const changes: boolean[] = [];
  pause.onChange((paused) => changes.push(paused));
  pause.report("cellar", "connection refused");
  expect(pause.paused).toBe(true);
  expect(pause.states()).toMatchObject([{ name: "cellar", reason: "connection refused" }]);
  const cleared = pause.clear(new AbortController().signal);
  cellar.up = true;
  pause.start();
  await cleared;
  expect([pause.paused, changes]).toEqual([false, [true, false]]);
  expect(pause.states()).toMatchObject([{ down_since_ms: null }]);
  await pause.stop();
});

test("clear() ends when its signal aborts, and at once when it was aborted before", async () => {
  const { pause } = setup();
  pause.report("cellar", "connection refused");
  const stop = new AbortController();
  const waiting = pause.clear(stop.signal);
  stop.abort();
  await waiting;
  await pause.clear(stop.signal);
  expect(pause.paused).toBe(true);
});

test("report() of what nobody probes pauses nothing", () => {
  const { pause } = setup();
  pause.report("attic", "connection refused");
  expect([pause.paused, pause.watches("attic"), pause.watches("cellar")]).toEqual([false, false, true]);
});

test("stop() ends the probing, also while a probe hangs, and may come first", async () => {
  const pause = new Pause([{ name: "cellar", probe: () => new Promise(() => {}) }], log);
  await pause.stop();
  const hanging = new Pause([{ name: "cellar", probe: () => new Promise(() => {}) }], log);
  hanging.start();
  await hanging.stop();
});
