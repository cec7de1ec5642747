import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Backing } from "@gatehouse/runtime";
import { decode } from "@msgpack/msgpack";
import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { WebSocketServer } from "ws";
import { brokerOptions } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";

/** A door by hand: one ordered consumer of one camera, each message decoded and sent to every socket as JSON. No keys, no rights, no bounds. */
async function start({ backing, camera_id }: { backing: Backing; camera_id: string }): Promise<string> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const js = jetstream(await connect(brokerOptions(backing)));
  const consumer = await js.consumers.get("CAMERA_DETECTIONS", {
    deliver_policy: DeliverPolicy.New,
    filter_subjects: `camera.${camera_id}.detections`,
  });
  await consumer.consume({
    callback: ({ subject, seq, data }) => {
      const text = JSON.stringify({ op: "message", subject, seq, data: decode(data) });
      for (const client of server.clients) client.send(text);
    },
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
