import { expect, test } from "vitest";
import { type Answer, json, startTestServer } from "../calling/test-server.ts";
import { startTestGrpcServer } from "../kserve/test-grpc-server.ts";
import { createPose } from "../mod.ts";

const signal = new AbortController().signal;
const picture = { bytes: Uint8Array.of(1, 2), media_type: "image/jpeg", width: 640, height: 320 };
const output = { name: "output0", datatype: "FP32", shape: [1, 300, 57] };
const metadata = {
  name: "pose",
  versions: ["2"],
  platform: "ensemble",
  inputs: [{ name: "IMAGE", datatype: "BYTES", shape: [-1, 1] }],
  outputs: [{ ...output, shape: [-1, 300, 57] }],
};
/** One body with all joints in the middle. */
const values = new Float32Array(300 * 57);
values.set([160, 240, 480, 400, 0.875, 0, ...Array.from({ length: 17 }, () => [320, 320, 1]).flat()]);
const bytes = Buffer.from(values.buffer);

const overHttp: Answer = (request, response) => {
  if (request.method === "GET") return json(response, metadata);
  const header = JSON.stringify({ outputs: [{ ...output, parameters: { binary_data_size: bytes.length } }] });
  response.writeHead(200, { "inference-header-content-length": String(header.length) });
  return response.end(Buffer.concat([Buffer.from(header), bytes]));
};

test.each(["kserve-grpc", "kserve-http"] as const)("find() over %s gives bodies with their joints", async (kind) => {
  await using server =
    kind === "kserve-http"
      ? await startTestServer(overHttp)
      : await startTestGrpcServer({
          ModelMetadata: () => metadata,
          ModelInfer: () => ({ outputs: [output], raw_output_contents: [bytes] }),
        });
  const pose = createPose([{ kind, url: server.url, model: "pose" }]);
  const { model, bodies } = await pose.find(picture, { signal });
  await pose.close();
  expect(model).toEqual({ name: "pose", version: "2", backend: "ensemble" });
  expect(bodies).toHaveLength(1);
  expect(bodies[0]).toMatchObject({ confidence: 0.875, box: { x: 0.25, y: 0.25, w: 0.5, h: 0.5 } });
  expect(bodies[0]!.joints).toHaveLength(17);
  expect(bodies[0]!.joints[16]).toEqual({ name: "right_ankle", x: 0.5, y: 0.5, confidence: 1 });
});

test("find() asks the next server when the first is down", async () => {
  await using server = await startTestServer(overHttp);
  const calling = { tries: 1 };
  const down = { kind: "kserve-grpc", url: "http://127.0.0.1:1", model: "pose" } as const;
  const pose = createPose([down, { kind: "kserve-http", url: server.url, model: "pose" }], calling);
  await expect(pose.find(picture, { signal })).resolves.toMatchObject({ bodies: [{ confidence: 0.875 }] });
  await pose.close();
  const alone = createPose([down], calling);
  await expect(alone.find(picture, { signal })).rejects.toMatchObject({ code: "POSE_DOWN", dependency: "pose" });
  await alone.close();
});
