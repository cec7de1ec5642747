import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { describeError, GatehouseError } from "@gatehouse/errors";
import { type WebSocket, WebSocketServer } from "ws";
import { assertOurHost, authenticate } from "../auth/authenticate.ts";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import { NotFoundError } from "../errors.ts";
import { statusOf } from "../http/status.ts";
import { createRateLimit } from "../rate-limits.ts";
import type { Encoding } from "../streams/shared-message.ts";
import { createTurns } from "../streams/turns.ts";
import { Admissions } from "./admissions.ts";
import { Connection } from "./connection.ts";
import { watchConnections } from "./watch-connections.ts";

const JSON_PROTOCOL = "gatehouse.v1.json";
const MSGPACK_PROTOCOL = "gatehouse.v1.msgpack";
const MAX_MESSAGE = 12 * 1024 * 1024;

/** Opens `/ws` on a server. Returns what closes it. */
export function openWebSockets(server: Server, deps: Deps): { close(): void } {
  const { limits } = deps.config;
  const sockets = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_MESSAGE,
    handleProtocols: (offered) =>
      [...offered].find((name) => name === JSON_PROTOCOL || name === MSGPACK_PROTOCOL) ?? false,
  });
  const connections = new Set<Connection>();
  const admissions = new Admissions(limits);
  const shared = {
    deps,
    turns: createTurns(limits.ws_catch_ups),
    ops: createRateLimit(limits.ws_ops_per_s, 2 * limits.ws_ops_per_s),
  };
  let count = 0;
  const welcome = (socket: WebSocket, wire: Duplex, address: string, identity: Identity | null): void => {
    const admitted = admissions.at(address);
    const encoding: Encoding = socket.protocol === MSGPACK_PROTOCOL ? "msgpack" : "json";
    const parts = { socket, wire, encoding, address, name: `${++count}`, ...shared };
    const onIdentity = ({ key_id }: Identity) => admitted.as(key_id);
    const connection = new Connection({ ...parts, onIdentity }, identity);
    connections.add(connection);
    socket.on("close", () => {
      admitted.leave();
      connections.delete(connection);
    });
    try {
      if (identity) onIdentity(identity);
    } catch (error) {
      connection.close(1008, describeError(error).code);
    }
  };
  const onUpgrade = (request: IncomingMessage, wire: Duplex, head: Buffer): void => {
    wire.on("error", destroySelf);
    const address = request.socket.remoteAddress ?? "";
    admit(request, address, deps, admissions)
      .then((identity) => {
        if (!wire.destroyed)
          sockets.handleUpgrade(request, wire, head, (socket) => welcome(socket, wire, address, identity));
      })
      .catch((error: unknown) => refuse(wire, error, deps));
  };
  server.on("upgrade", onUpgrade);
  const watching = watchConnections(connections, deps);
  return {
    close() {
      server.off("upgrade", onUpgrade);
      watching.stop();
      for (const connection of connections) {
        connection.close(1011, "the gateway stops");
        connection.socket.terminate();
      }
    },
  };
}

/** Holds on to nothing: it stays as long as the connection, and the request must not. */
function destroySelf(this: Duplex): void {
  this.destroy();
}

/** Who wants to come in; null: a key must follow as the first message. */
async function admit(
  request: IncomingMessage,
  address: string,
  deps: Deps,
  admissions: Admissions,
): Promise<Identity | null> {
  assertOurHost(request, deps);
  if (request.url?.split("?", 1)[0] !== "/ws") throw new NotFoundError("Cannot open a WebSocket here: the door is /ws");
  admissions.assertRoom(address);
  const identity = await authenticate(request, address, deps);
  if (identity) admissions.assertRoomFor(identity.key_id);
  return identity;
}

function refuse(wire: Duplex, error: unknown, { log }: Deps): void {
  const { code, message, retry } = describeError(error);
  const status = statusOf(code, retry);
  if (status === 500) log.error({ reason: message }, "websocket upgrade failed");
  const said = status === 500 ? "Cannot open the WebSocket as something went wrong inside" : message;
  const body = JSON.stringify({ error: { code, message: said, retryable: retry === "later" } });
  const wait_ms = error instanceof GatehouseError ? error.retry_after_ms : null;
  const again = retry === "later" ? `retry-after: ${Math.ceil((wait_ms ?? 1_000) / 1_000)}\r\n` : "";
  wire.end(
    `HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-type: application/json\r\n${again}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
