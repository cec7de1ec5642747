import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { inferenceService } from "@gatehouse/models";
import { serve } from "../measure/actor.ts";
import { INPUT, MODEL, OUTPUT, OUTPUT_BYTES, OUTPUT_SHAPE, type Protocol, WINDOW_BYTES } from "./wire.ts";

const FRAME_BYTES = 1024 * 1024;
const metadata = {
  name: MODEL,
  versions: ["1"],
  platform: "bench",
  inputs: [{ name: INPUT, datatype: "BYTES", shape: [-1, 1] }],
  outputs: [{ name: OUTPUT, datatype: "FP32", shape: [-1, 300, 6] }],
};
const output = { name: OUTPUT, datatype: "FP32", shape: OUTPUT_SHAPE };
const nothing = Buffer.alloc(OUTPUT_BYTES);

/** A model without work behind both protocols: it reads a question to its end and finds nothing. Wide windows. */
async function start(): Promise<Record<Protocol, string>> {
  return { grpc: await startGrpc(), http: await startHttp() };
}

/** On the bare protocol: a gRPC library's own receiving would be what is measured. */
async function startGrpc(): Promise<string> {
  const { ModelMetadata, ModelInfer } = await inferenceService();
  const infer = { model_name: MODEL, model_version: "1", outputs: [output], raw_output_contents: [nothing] };
  const answers: Record<string, Buffer> = {
    [ModelMetadata.path]: framed(ModelMetadata.responseSerialize(metadata)),
    [ModelInfer.path]: framed(ModelInfer.responseSerialize(infer)),
  };
  const server = createHttp2Server({ settings: { initialWindowSize: WINDOW_BYTES, maxFrameSize: FRAME_BYTES } });
  server.on("session", (session) => session.setLocalWindowSize(WINDOW_BYTES));
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    stream.on("error", () => {});
    stream.resume().on("end", () => {
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0" }));
      stream.end(answers[headers[":path"]!]);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A message after its five bytes: not compressed, its length. */
function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

async function startHttp(): Promise<string> {
  const json = Buffer.from(
    JSON.stringify({ model_name: MODEL, outputs: [{ ...output, parameters: { binary_data_size: OUTPUT_BYTES } }] }),
  );
  const answer = Buffer.concat([json, nothing]);
  const headers = { "inference-header-content-length": json.length, "content-length": answer.length };
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    request.resume().on("end", () => {
      if (request.method === "GET") response.end(JSON.stringify(metadata));
      else response.writeHead(200, headers).end(answer);
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
