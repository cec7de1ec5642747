import { openCatalogue } from "@gatehouse/runtime";
import { expect, test } from "vitest";
import { newRun } from "./new-run.ts";

const server = { url: "http://argo", namespace: "argo", ca_file: null, timeout_ms: 1_000 };
const parameters = { type: "object", properties: { limit: { type: "integer", minimum: 1 } } };
const catalogue = openCatalogue({
  settle_ms: 0,
  argo: server,
  kubeflow: null,
  catalogue: { "batch-inference": { namespace: "ai", parameters, timeout_s: 60 } },
  joins: [],
  schedules: [],
});
const asked = (pipeline: string, parameters: Record<string, unknown> = {}) =>
  newRun(catalogue, { request_id: "r-1", pipeline, parameters }, { origin: "request", trace: {} });

test("newRun() names a run by its request, and the engine that has its pipeline", () => {
  expect(asked("batch-inference", { limit: 1 })).toEqual({
    request_id: "r-1",
    pipeline: "batch-inference",
    engine: "argo",
    namespace: "ai",
    run_name: "gh-a5fa777a3dc67268caea6eea038ba14177e360db",
    parameters: { limit: 1 },
    origin: "request",
    refused: null,
    trace: {},
  });
});

test.each([
  ["tts", {}, "UNKNOWN_PIPELINE", 'Cannot run pipeline "tts" as pipelines.kubeflow must be configured: it is missing'],
  [
    "own",
    {},
    "UNKNOWN_PIPELINE",
    'Cannot run pipeline "own" as pipelines.catalogue.own must be configured, or the pipeline be one of batch-inference, document-ingestion, model-evaluation',
  ],
  [
    "batch-inference",
    { limit: 0 },
    "BAD_PARAMETERS",
    'Cannot run pipeline "batch-inference" as parameters.limit must be >= 1',
  ],
  [
    "model-evaluation",
    { image: new Uint8Array(2) },
    "BAD_PARAMETERS",
    'Cannot run pipeline "model-evaluation" as parameters: image must be text, a number, true, false, null, a list or a map: it is bytes',
  ],
  [
    "model-evaluation",
    { limits: [1, Number.POSITIVE_INFINITY] },
    "BAD_PARAMETERS",
    'Cannot run pipeline "model-evaluation" as parameters: 1 must be a finite number: current value is Infinity',
  ],
  [
    "model-evaluation",
    { text: "x".repeat(262_144) },
    "BAD_PARAMETERS",
    'Cannot run pipeline "model-evaluation" as parameters must be at most 262144 bytes as JSON: current length is 262155',
  ],
])("newRun() says what is wrong with %s %#", (pipeline, parameters, code, message) => {
  expect(asked(pipeline, parameters).refused).toEqual({ code, message, retryable: false });
});
