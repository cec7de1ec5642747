import { once } from "node:events";
import WebSocket from "ws";
import type { Sighting } from "../frames/wire.ts";
import { serve } from "../measure/actor.ts";
import { machineMs } from "../measure/clock.ts";

const WITHIN_MS = 60_000;
const FRAME_ID = /"frame_id":"([^"]+)"/;

const seen: Sighting[] = [];
let onSeen = (): void => {};

interface Door {
  url: string;
  key: string;
  camera_id: string;
}

/** Opens so many sockets; each asks for all sets of detections of a camera from now on. */
async function open({ clients, ...door }: Door & { clients: number }): Promise<void> {
  await Promise.all(Array.from({ length: clients }, () => openOne(door)));
}

async function openOne({ url, key, camera_id }: Door): Promise<void> {
  const socket = new WebSocket(url, key ? { headers: { authorization: `Bearer ${key}` } } : {});
  await once(socket, "open");
  const subscribed = Promise.withResolvers<void>();
  socket.on("message", (data: Buffer) => {
    const at_ms = machineMs();
    const text = data.toString();
    const frame_id = FRAME_ID.exec(text)?.[1];
    if (frame_id) seen.push({ frame_id, at_ms });
    else if (text.includes('"subscribed"')) subscribed.resolve();
    else subscribed.reject(new Error(`the door said ${text}`));
    onSeen();
  });
  if (!key) return;
  socket.send(JSON.stringify({ op: "subscribe", id: "s", subject: `camera.${camera_id}.detections` }));
  await subscribed.promise;
}

/** What came of a batch, over all sockets, when all of it came. */
async function collect({ batch, count }: { batch: string; count: number }): Promise<Sighting[]> {
  const ours = () => seen.filter(({ frame_id }) => frame_id.startsWith(`${batch}-`));
  let have = ours().length;
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(
      () => reject(new Error(`${have} of ${count} messages of ${batch} came within ${WITHIN_MS} ms`)),
      WITHIN_MS,
    );
    let left = count - have;
    onSeen = () => {
      if (left-- > 1) return;
      have = ours().length;
      left = count - have;
      if (left > 0) return;
      clearTimeout(late);
      resolve();
    };
    onSeen();
  });
  return ours();
}

const operations = { open, collect };
export type Operations = typeof operations;

serve(operations);
