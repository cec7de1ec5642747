import { parentPort, workerData } from "node:worker_threads";
import { describeError } from "@gatehouse/errors";
import { type DocumentType, readHere } from "./document-text.ts";

const { bytes, media_type } = workerData as { bytes: Uint8Array; media_type: DocumentType };
try {
  parentPort!.postMessage({ read: await readHere(bytes, media_type) });
} catch (error) {
  const { code, message } = describeError(error);
  parentPort!.postMessage({ fault: { code, message } });
}
