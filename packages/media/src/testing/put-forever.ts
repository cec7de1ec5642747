import { createMediaStore } from "../media-store.ts";

/** A process of its own that stores files of one repeated byte until it is killed: `node put-forever.ts ROOT NAME MAX_BYTES`. */
const [root, name, max_bytes] = process.argv.slice(2);
const store = createMediaStore({ root: root!, max_bytes: Number(max_bytes) });
for (let i = 0; ; i++) {
  await store.put(`camera-${i % 5}/${name}-${i % 200}`, new Uint8Array(50_000).fill(i % 256));
  if (i % 50 === 49) process.stdout.write(`${i}\n`);
}
