import { expect, test } from "vitest";
import { demoSettings } from "./demo.ts";

const source = (env: NodeJS.ProcessEnv = {}) => ({ file: undefined, cwd: "/nowhere", env });

test("demoSettings() closes batches sooner, and says so", () => {
  const { env, note } = demoSettings(source());
  expect(env).toEqual({ GATEHOUSE_BATCHING__MAX_S: "20", GATEHOUSE_BATCHING__IDLE_S: "5" });
  expect(note).toContain("after 5 s of quiet or 20 s in all, otherwise 30 and 90");
});

test("demoSettings() leaves alone what was configured", () => {
  const mine = { GATEHOUSE_BATCHING__MAX_S: "60", GATEHOUSE_BATCHING__IDLE_S: "30" };
  expect(demoSettings(source(mine))).toEqual({ env: {}, note: "Two simulated cameras run (--no-demo: none)" });
  const { env } = demoSettings(source({ GATEHOUSE_BATCHING__IDLE_S: "9" }));
  expect(env).toEqual({ GATEHOUSE_BATCHING__MAX_S: "20", GATEHOUSE_BATCHING__IDLE_S: "9" });
});
