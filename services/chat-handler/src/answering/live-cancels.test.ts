import { expect, test } from "vitest";
import { LiveCancels } from "./live-cancels.ts";

const ada = { user_id: "ada", request_id: "r-1", epoch: 1 };

test("heard() ends the answer that is written, of that user only", () => {
  const cancels = new LiveCancels();
  const { signal } = cancels.watch(ada);
  cancels.heard({ ...ada, user_id: "bob" });
  expect(signal.aborted).toBe(false);
  cancels.heard(ada);
  expect(signal.reason).toMatchObject({ code: "CANCELLED" });
});

test("watch() ends at once an answer whose cancel was heard just before, once", () => {
  const cancels = new LiveCancels();
  cancels.heard(ada);
  expect(cancels.watch(ada).signal.aborted).toBe(true);
  expect(cancels.watch(ada).signal.aborted).toBe(false);
});

test("watch() goes on with an answer that is asked for again after it was cancelled", () => {
  const cancels = new LiveCancels();
  cancels.heard(ada);
  expect(cancels.watch({ ...ada, epoch: 3 }).signal.aborted).toBe(false);
});

test("end() of an earlier watch leaves a later one", () => {
  const cancels = new LiveCancels();
  const first = cancels.watch(ada);
  const second = cancels.watch(ada);
  first.end();
  cancels.heard(ada);
  expect([first.signal.aborted, second.signal.aborted]).toEqual([false, true]);
});

test("heard() remembers a bounded number of cancels that nobody waits for", () => {
  const cancels = new LiveCancels();
  cancels.heard(ada);
  for (let n = 0; n < 1_000; n++) cancels.heard({ user_id: "eve", request_id: `r-${n}` });
  expect(cancels.watch(ada).signal.aborted).toBe(false);
});
