import { expect, test } from "vitest";
import { Nudges } from "./nudges.ts";

/** Longer than a test. */
const LONG_MS = 3_600_000;
const live = () => new AbortController().signal;

test("nudge() reaches all who wait for that engine, and nobody else", async () => {
  const nudges = new Nudges();
  const argo = [nudges.wait("argo", LONG_MS, live()), nudges.wait("argo", LONG_MS, live())];
  const other = nudges.wait("kubeflow", LONG_MS, live());
  nudges.nudge("argo");
  await Promise.all(argo.map(({ over }) => over));
  const first = await Promise.race([other.over.then(() => "told"), Promise.resolve("not told")]);
  other.stop();
  expect(first).toBe("not told");
});

test("wait() is over when the time is, when the signal aborts, and at once where it has", async () => {
  const nudges = new Nudges();
  await nudges.wait("argo", 1, live()).over;
  const controller = new AbortController();
  const aborted = nudges.wait("argo", LONG_MS, controller.signal);
  controller.abort();
  await aborted.over;
  await nudges.wait("argo", LONG_MS, controller.signal).over;
});
