import { type ErrorClass, GatehouseError } from "@gatehouse/errors";
import { EmbedderDownError, ModelAnswerError, ModelRefusedError } from "@gatehouse/models";
import { ack, type Log } from "@gatehouse/runtime";
import { PostgresDownError, VectorMismatchError, VectorsDownError } from "@gatehouse/store";
import { expect, test } from "vitest";
import { whenBack } from "./when-back.ts";

const log: Log = { debug() {}, info() {}, warn() {}, error() {}, child: () => log };
const failing = (thrown: unknown) =>
  whenBack(log, async () => {
    throw thrown;
  });

test.each<[string, ErrorClass]>([
  ["an embedder that is down", EmbedderDownError],
  ["an embedder that answers nonsense", ModelAnswerError],
  ["an embedder that refuses everything", ModelRefusedError],
  ["vectors that are down", VectorsDownError],
  ["vectors of another size", VectorMismatchError],
])("whenBack() comes again after %s, and counts no failure", async (_, Fault) => {
  expect(await failing(new Fault("Cannot embed"))).toMatchObject({ kind: "retry" });
});

test("whenBack() leaves Postgres and bugs to the runtime, and passes on what went well", async () => {
  await expect(failing(new PostgresDownError("Cannot reach Postgres"))).rejects.toBeInstanceOf(GatehouseError);
  await expect(failing(new TypeError("a bug"))).rejects.toThrow("a bug");
  expect(await whenBack(log, async () => ack)).toBe(ack);
});
