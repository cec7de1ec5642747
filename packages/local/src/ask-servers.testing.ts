import { connect } from "node:net";
import { Redis } from "ioredis";
import { Client } from "pg";
import type { Server } from "./server.ts";

/** Runs one statement on a database and returns its rows. */
export async function sql(url: string, statement: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query(statement)).rows;
  } finally {
    await client.end();
  }
}

/** Runs one command on a Redis. */
export async function redis(url: string, command: string, ...args: string[]): Promise<unknown> {
  const client = new Redis(url, { maxRetriesPerRequest: 0 });
  client.on("error", () => undefined);
  try {
    return await client.call(command, ...args);
  } finally {
    client.disconnect();
  }
}

/** Sends one request to a NATS server by its bare protocol and returns the JSON of the answer. */
export async function request(
  { port, user, password }: Pick<Server, "port" | "user" | "password">,
  subject: string,
  body: string,
): Promise<Record<string, unknown>> {
  const socket = connect({ host: "127.0.0.1", port });
  socket.write(`CONNECT ${JSON.stringify({ verbose: false, user, pass: password })}\r\nSUB _INBOX.t 1\r\n`);
  socket.write(`PUB ${subject} _INBOX.t ${Buffer.byteLength(body)}\r\n${body}\r\n`);
  let heard = "";
  for await (const chunk of socket.setEncoding("utf8")) {
    heard += chunk;
    const answer = /MSG _INBOX\.t 1 +\d+\r\n(.*)\r\n/.exec(heard);
    if (answer) return JSON.parse(answer[1] ?? "null");
  }
  throw new Error(`Cannot ask "${subject}" as the server closed the connection: ${heard.slice(-200)}`);
}
