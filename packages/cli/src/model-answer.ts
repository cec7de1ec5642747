import { once } from "node:events";
import { connect } from "node:net";

const ANSWER_MS = 3_000;

/** Asks whether anything listens at a model server's URL, http(s) or tcp. @returns what it did: `answers (200)` */
export async function modelAnswer(url: string): Promise<string> {
  const signal = AbortSignal.timeout(ANSWER_MS);
  if (!url.startsWith("tcp:")) return `answers (${(await fetch(url, { signal })).status})`;
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port) });
  try {
    await once(socket, "connect", { signal });
    return "takes connections";
  } finally {
    socket.on("error", () => {}).destroy();
  }
}
