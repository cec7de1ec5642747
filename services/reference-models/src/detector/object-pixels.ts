import { type Box, height, type Labelled, width } from "./blobs.ts";
import type { Judged } from "./judge.ts";
import type { Size } from "./mask.ts";
import type { Workspace } from "./workspace.ts";

/** Marks every pixel of the objects. */
export function pixelsOf(found: Judged[], { labels }: Labelled, { w }: Size, workspace: Workspace): Uint8Array {
  const marked = workspace.bytes(labels.length);
  for (const { box, blob } of found) if (width(box) * height(box) > 0) markParts(marked, blob, labels, w);
  return marked;
}

/** Adds what belonged to the objects before their shadows were cleared: a shadow that stays is not learnt as scene. */
export function withShadows(objects: Uint8Array, { labels, blobs }: Labelled, { w }: Size): Uint8Array {
  const touched = new Set<number>();
  for (let i = 0; i < objects.length; i++) if (objects[i] === 1) touched.add(labels[i]!);
  for (const blob of blobs) if (touched.has(blob.parts[0]!)) markParts(objects, blob, labels, w);
  return objects;
}

function markParts(marked: Uint8Array, { box, parts }: { box: Box; parts: number[] }, labels: Int32Array, w: number) {
  const own = new Set(parts);
  for (let y = box.y0; y < box.y1; y++)
    for (let i = y * w + box.x0; i < y * w + box.x1; i++) if (labels[i] !== 0 && own.has(labels[i]!)) marked[i] = 1;
}
