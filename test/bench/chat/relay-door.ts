import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Backing } from "@gatehouse/runtime";
import { decode } from "@msgpack/msgpack";
import { DeliverPolicy, jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { type WebSocket, WebSocketServer } from "ws";
import { brokerOptions } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";

/** A door by hand: one ordered consumer, each token decoded and sent to the socket that asked for its answer. No keys, no rights, no bounds. */
async function start({ backing }: { backing: Backing }): Promise<string> {
  const readers = new Map<string, WebSocket>();
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", (socket) =>
    socket.on("message", (data) => {
      const { op, id } = JSON.parse(String(data)) as { op: string; id: string };
      if (op !== "subscribe") return;
      readers.set(id, socket);
      socket.send(JSON.stringify({ op: "subscribed", id }));
    }),
  );
  const js = jetstream(await connect(brokerOptions(backing)));
  const consumer = await js.consumers.get("RELAY_TOKENS", { deliver_policy: DeliverPolicy.New });
  await consumer.consume({
    callback: ({ subject, seq, data: body }) => {
      const data = decode(body) as { request_id: string; done: boolean };
      readers.get(data.request_id)?.send(JSON.stringify({ op: "message", subject, seq, data }));
      if (data.done) readers.delete(data.request_id);
    },
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const operations = { start };
export type Operations = typeof operations;

serve(operations);
