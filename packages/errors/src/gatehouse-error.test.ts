import { expect, test } from "vitest";
import { defineError, describeError, GatehouseError } from "./mod.ts";

const BusyError = defineError("MODEL_BUSY", "later");
const DownError = defineError("POSTGRES_DOWN", "later", { dependency: "postgres" });

test("defineError() makes a class that carries code, retry and facts", () => {
  const error = new BusyError('Cannot ask model "yolo" as its queue is full', {
    facts: { queue: 4096 },
    retry_after_ms: 250,
  });
  expect(error).toBeInstanceOf(BusyError);
  expect(error).toBeInstanceOf(GatehouseError);
  expect(error).not.toBeInstanceOf(DownError);
  expect(error).toMatchObject({
    code: "MODEL_BUSY",
    retry: "later",
    dependency: null,
    retry_after_ms: 250,
    facts: { queue: 4096 },
  });
});

test("defineError() names the dependency that is down", () => {
  expect(new DownError("Cannot reach Postgres").dependency).toBe("postgres");
  expect(new BusyError("Cannot load a model", { dependency: "detector" }).dependency).toBe("detector");
});

test("describeError() calls everything else a bug", () => {
  expect(describeError(new TypeError("x is not a function"))).toEqual({
    code: "INTERNAL",
    message: "x is not a function",
    retry: "unknown",
  });
  expect(describeError("thrown text")).toMatchObject({ code: "INTERNAL", message: "thrown text" });
});
