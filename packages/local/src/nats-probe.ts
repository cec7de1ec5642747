import { connect, type Socket } from "node:net";
import type { Answer, Asked } from "./recipe.ts";

/** Where a NATS server listens and as whom to ask it. */
export interface NatsAddress {
  host: string;
  port: number;
  user: string | null;
  password: string | null;
}

const INBOX = "_INBOX.gatehouse.probe";
const ASK_JETSTREAM = `SUB ${INBOX} 1\r\nPUB $JS.API.INFO ${INBOX} 0\r\n\r\n`;
/** More than any server says before its answer. */
const MAX_CHARS = 256 * 1024;

/**
 * Asks a NATS server by its own protocol: INFO, CONNECT, PING, PONG, and with `jetstream` also a question to JetStream,
 * which a full disk ends while the rest of the server goes on.
 * A server that wants TLS or a signed nonce counts as ready once it has said INFO.
 */
export async function askNats(
  address: NatsAddress,
  { jetstream, signal }: { jetstream: boolean; signal: AbortSignal },
): Promise<Asked> {
  signal.throwIfAborted();
  const socket = connect({ host: address.host, port: address.port, signal });
  try {
    return await converse(socket, address, jetstream);
  } finally {
    socket.destroy();
  }
}

/** The answer alone. */
export async function probeNats(...asking: Parameters<typeof askNats>): Promise<Answer> {
  return (await askNats(...asking)).answer;
}

async function converse(socket: Socket, address: NatsAddress, jetstream: boolean): Promise<Asked> {
  let heard = "";
  let step: "info" | "pong" | "jetstream" = "info";
  for await (const chunk of socket.setEncoding("utf8")) {
    heard += chunk;
    if (heard.length > MAX_CHARS) break;
    const version = /^INFO .*?"version":"([^"]+)"/.exec(heard)?.[1] ?? null;
    const refusal = /^-ERR (.*)\r\n/m.exec(heard);
    if (refusal) throw new Error(`Cannot use the NATS server as it must accept us: it says ${refusal[1]}`);
    if (step === "info" && heard.includes("\r\n")) {
      if (/"(tls_required":true|nonce":")/.test(heard)) return { answer: "ready", version };
      socket.write(`CONNECT ${JSON.stringify(greeting(address))}\r\nPING\r\n`);
      step = "pong";
    }
    if (step === "pong" && heard.includes("PONG\r\n")) {
      if (!jetstream) return { answer: "ready", version };
      socket.write(ASK_JETSTREAM);
      step = "jetstream";
    }
    if (step === "jetstream" && heard.includes(`MSG ${INBOX}`) && heard.includes("account_info_response")) {
      return { answer: heard.includes('"error":') ? "starting" : "ready", version };
    }
  }
  throw new Error(`Cannot ask the NATS server at "${address.host}:${address.port}" as it closed the connection`);
}

function greeting({ user, password }: NatsAddress): Record<string, unknown> {
  const credentials = user === null ? {} : password === null ? { auth_token: user } : { user, pass: password };
  return { verbose: false, pedantic: false, lang: "gatehouse", version: "0", protocol: 1, ...credentials };
}
