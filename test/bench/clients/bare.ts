import { inferenceService } from "@gatehouse/models";
import { Client, credentials } from "@grpc/grpc-js";
import { Pool } from "undici";
import { serve } from "../measure/actor.ts";
import { INPUT, MODEL, type Order, OUTPUT, OUTPUT_BYTES, runAll, type Taken, WINDOW_BYTES } from "./wire.ts";

const OPTIONS = {
  "grpc-node.flow_control_window": WINDOW_BYTES,
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
};
const clients = new Map<string, Client>();
const pools = new Map<string, Pool>();

/** The bare libraries by hand: the same question, the output's bytes taken from the answer. No slots, checks, retries or times. */
async function run(order: Order): Promise<Taken> {
  const picture = Buffer.alloc(order.bytes, 1);
  return runAll(order, await (order.protocol === "grpc" ? overGrpc(order.url, picture) : overHttp(order.url, picture)));
}

async function overGrpc(url: string, picture: Buffer): Promise<() => Promise<boolean>> {
  const client = clients.get(url) ?? new Client(new URL(url).host, credentials.createInsecure(), OPTIONS);
  clients.set(url, client);
  const { path, requestSerialize, responseDeserialize } = (await inferenceService()).ModelInfer;
  return () => {
    const request = {
      model_name: MODEL,
      inputs: [{ name: INPUT, datatype: "BYTES", shape: [1, 1] }],
      outputs: [{ name: OUTPUT }],
      raw_input_contents: [element(picture)],
    };
    return new Promise((resolve, reject) => {
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, (error, answer) =>
        error ? reject(error) : resolve(answer!.raw_output_contents[0]!.length === OUTPUT_BYTES),
      );
    });
  };
}

async function overHttp(url: string, picture: Buffer): Promise<() => Promise<boolean>> {
  const pool = pools.get(url) ?? new Pool(url, { connections: 64, pipelining: 1 });
  pools.set(url, pool);
  return async () => {
    const data = element(picture);
    const json = Buffer.from(
      JSON.stringify({
        inputs: [{ name: INPUT, datatype: "BYTES", shape: [1, 1], parameters: { binary_data_size: data.length } }],
        outputs: [{ name: OUTPUT, parameters: { binary_data: true } }],
      }),
    );
    const { headers, body } = await pool.request({
      method: "POST",
      path: `/v2/models/${MODEL}/infer`,
      headers: { "inference-header-content-length": String(json.length) },
      body: Buffer.concat([json, data]),
    });
    const answer = await body.arrayBuffer();
    const length = Number(headers["inference-header-content-length"]);
    const { outputs } = JSON.parse(Buffer.from(answer, 0, length).toString()) as { outputs: unknown[] };
    return outputs.length === 1 && answer.byteLength - length === OUTPUT_BYTES;
  };
}

/** The only element of a BYTES tensor. */
function element(picture: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(picture.length);
  return Buffer.concat([length, picture]);
}

const operations = { run };
export type Operations = typeof operations;

serve(operations, async () => {
  for (const client of clients.values()) client.close();
  await Promise.all([...pools.values()].map((pool) => pool.destroy()));
});
