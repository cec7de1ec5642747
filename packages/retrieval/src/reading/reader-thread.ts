import { parentPort, workerData } from "node:worker_threads";
import { describeError } from "@gatehouse/errors";
import { splitBlocks } from "../splitting/split-blocks.ts";
import type { SplitDocument } from "./block.ts";
import { type DocumentType, readHere } from "./document-text.ts";

/** What the thread is to do. */
export interface ToRead {
  bytes: Uint8Array;
  media_type: DocumentType;
  /** What its passages stand under; null: what it calls itself. */
  title: string | null;
}

const { bytes, media_type, title: given } = workerData as ToRead;
try {
  const { title, blocks } = await readHere(bytes, media_type);
  const read: SplitDocument = { title, passages: splitBlocks(given ?? title, blocks) };
  parentPort!.postMessage({ read });
} catch (error) {
  const { code, message } = describeError(error);
  parentPort!.postMessage({ fault: { code, message } });
}
