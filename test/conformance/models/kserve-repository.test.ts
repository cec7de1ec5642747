import { createDetector, inferenceService, type Picture } from "@gatehouse/models";
import { type ReferenceModels, startReferenceModels } from "@gatehouse/reference-models";
import { Client, credentials, type MethodDefinition } from "@grpc/grpc-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { picture } from "../../harness/pictures.ts";

const signal = new AbortController().signal;
const scene: Picture = { bytes: await picture(1), media_type: "image/jpeg", width: 640, height: 480 };
const model = "reference-detector";
let server: ReferenceModels;

beforeAll(async () => {
  server = await startReferenceModels({ grpc_port: 0 });
});
afterAll(() => server.stop());

/** Loads and unloads the model, each time over the other protocol. */
async function repository(action: "load" | "unload", over: "http" | "grpc"): Promise<void> {
  if (over === "http") {
    const response = await fetch(`${server.url}/v2/repository/models/${model}/${action}`, { method: "POST" });
    expect(response.status).toBe(200);
    return;
  }
  const service = await inferenceService();
  const method: MethodDefinition<{ model_name: string }, object> =
    action === "load" ? service.RepositoryModelLoad : service.RepositoryModelUnload;
  const client = new Client(new URL(server.grpc_url!).host, credentials.createInsecure());
  await new Promise<void>((resolve, reject) => {
    const { path, requestSerialize, responseDeserialize } = method;
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, { model_name: model }, (error) =>
      error ? reject(error) : resolve(),
    );
  });
  client.close();
}

test.each(["http", "grpc"] as const)(
  "a detector over %s is down while its model is not loaded, and back after",
  async (kind) => {
    const other = kind === "http" ? "grpc" : "http";
    const url = kind === "http" ? server.url : server.grpc_url!;
    const detector = createDetector([{ kind: `kserve-${kind}`, url, model, timeout_ms: 10_000 }], { tries: 1 });
    await detector.detect(scene, { signal });
    await repository("unload", other);
    const down = { code: "DETECTOR_DOWN", retry: "later", dependency: "detector" };
    await expect(detector.detect(scene, { signal })).rejects.toMatchObject(down);
    await expect(detector.probe(signal)).rejects.toMatchObject(down);
    await repository("load", other);
    await detector.probe(signal);
    expect((await detector.detect(scene, { signal })).detections).not.toEqual([]);
    await detector.close();
  },
);
