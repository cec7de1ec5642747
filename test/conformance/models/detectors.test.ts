import { createDetector } from "@gatehouse/models";
import type { ReferenceModels } from "@gatehouse/reference-models";
import { describe } from "vitest";
import { classicModel, endToEndModel } from "../../harness/onnx-models.ts";
import { keepsThePromises, staysTyped } from "./client.conformance.ts";
import { configured } from "./configured.ts";
import { detecting, isDetector } from "./detector.conformance.ts";
import { onnxFileOf } from "./onnx-file.fixture.ts";
import { withServer } from "./with-server.ts";

const SERVERS: [string, (server: ReferenceModels) => object][] = [
  ["http-detect", ({ url }) => ({ kind: "http-detect", url })],
  ["kserve-http", ({ url }) => ({ kind: "kserve-http", url, model: "reference-detector" })],
  [
    "kserve-http, tensors",
    ({ url }) => ({ kind: "kserve-http", url, model: "reference-detector-tensor", input: "tensor" }),
  ],
  ["kserve-grpc", ({ grpc_url }) => ({ kind: "kserve-grpc", url: grpc_url, model: "reference-detector" })],
  [
    "kserve-grpc, batches of tensors",
    ({ grpc_url }) => ({
      kind: "kserve-grpc",
      url: grpc_url,
      model: "reference-detector-tensor",
      input: "tensor",
      batch: 8,
    }),
  ],
];

describe.each(SERVERS)("%s", (name, entry) => {
  const door = name === "http-detect" ? "detect" : "kserve";
  const open = withServer(door, (server, timeout_ms) =>
    createDetector(configured("detector", [{ ...entry(server), timeout_ms }]), { first_delay_ms: 1 }),
  );
  isDetector(name, open);
  keepsThePromises(detecting(name, open));
  staysTyped(detecting(name, open));
});

describe.each([
  ["onnx, classic", classicModel()],
  ["onnx, end to end", endToEndModel()],
])("%s", (name, model) => {
  const open = async () => {
    const onnx = await onnxFileOf(model);
    const entry = { kind: "onnx", file: onnx.file, labels: ["person", "car"], timeout_ms: 30_000 };
    const client = createDetector(configured("detector", [entry]), { probe_timeout_ms: 30_000 });
    return {
      client,
      switches: null,
      async stop() {
        await client.close();
        await onnx[Symbol.asyncDispose]();
      },
    };
  };
  isDetector(name, open);
  keepsThePromises(detecting(name, open));
});
