import { expect, test } from "vitest";
import { assertDurability } from "./durability.ts";

test("assertDurability() refuses what the broker cannot keep, naming both versions", () => {
  const old = { version: "2.9.10", ours: true };
  expect(() => assertDurability("bronze", old)).not.toThrow();
  expect(() => assertDurability("silver", old)).toThrow(/must be nats-server 2\.10 or later.*it is 2\.9\.10/);
  expect(() => assertDurability("gold", { version: "2.12.1", ours: true })).toThrow(/set NATS_URL/);
  expect(() => assertDurability("gold", { version: "2.12.1", ours: false })).not.toThrow();
});
