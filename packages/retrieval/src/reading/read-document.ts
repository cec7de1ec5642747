import { Worker } from "node:worker_threads";
import * as errors from "../errors.ts";
import { DocumentTooLargeError, DocumentUnreadableError, UnsupportedDocumentError } from "../errors.ts";
import type { SplitDocument } from "./block.ts";
import { DOCUMENT_TYPES, type DocumentType } from "./document-text.ts";
import { READING } from "./limits.ts";
import type { ToRead } from "./reader-thread.ts";

/** How often the memory beside the thread's heap is looked at, which no limit of the thread's own ends. */
const WATCH_MS = 50;
const MB = 1024 * 1024;
const THREAD = new URL("./reader-thread.ts", import.meta.url);

type Told = { read: SplitDocument } | { fault: { code: string; message: string } };

export interface Reading {
  signal: AbortSignal;
  /** What its passages stand under; null: what the document calls itself. */
  title?: string | null;
  limits?: Partial<typeof READING>;
}

/**
 * Reads a document and splits it into passages, in a thread of its own, which is ended when it takes too long or too much
 * memory: documents are strangers'.
 * @throws {UnsupportedDocumentError | DocumentTooLargeError | DocumentEmptyError | DocumentUnreadableError}
 * @throws the signal's reason when it was aborted
 */
export async function readDocument(
  bytes: Uint8Array,
  media_type: string,
  { signal, title = null, limits = {} }: Reading,
): Promise<SplitDocument> {
  const { timeout_ms, memory_mb } = { ...READING, ...limits };
  signal.throwIfAborted();
  check(bytes, media_type);
  const worker = new Worker(THREAD, {
    workerData: { bytes, media_type, title } satisfies ToRead,
    name: "read document",
    resourceLimits: { maxOldGenerationSizeMb: memory_mb, maxYoungGenerationSizeMb: 64 },
  });
  const { promise, resolve, reject } = Promise.withResolvers<Told>();
  const unreadable = (why: string) =>
    reject(new DocumentUnreadableError(`Cannot read a document of ${media_type}: ${why}`));
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  worker.on("message", resolve);
  worker.on("error", ({ message }) => unreadable(message));
  worker.on("exit", () => unreadable("its reader ended"));
  const late = setTimeout(() => unreadable(`it must be read within ${timeout_ms} ms: it was not`), timeout_ms);
  const watch = setInterval(() => void watchMemory(worker, memory_mb, unreadable), WATCH_MS);
  try {
    return settle(await promise, media_type);
  } finally {
    clearTimeout(late);
    clearInterval(watch);
    signal.removeEventListener("abort", onAbort);
    await worker.terminate();
  }
}

function check(bytes: Uint8Array, media_type: string): asserts media_type is DocumentType {
  if (!(DOCUMENT_TYPES as readonly string[]).includes(media_type))
    throw new UnsupportedDocumentError(
      `Cannot read a document as it must be ${DOCUMENT_TYPES.join(", ")}: current type is "${media_type}"`,
    );
  if (bytes.length > READING.bytes)
    throw new DocumentTooLargeError(
      `Cannot read a document as it must have at most ${READING.bytes} bytes: current length is ${bytes.length}`,
    );
}

/** A thread that just ended has nothing to tell. */
async function watchMemory(worker: Worker, memory_mb: number, onTooMuch: (why: string) => void): Promise<void> {
  const { external_memory = 0 } = await worker.getHeapStatistics().catch(() => ({ external_memory: 0 }));
  if (external_memory > memory_mb * MB) onTooMuch(`it must take at most ${memory_mb} MB of memory: it takes more`);
}

function settle(told: Told, media_type: string): SplitDocument {
  if ("read" in told) return told.read;
  const { code, message } = told.fault;
  const known = Object.values(errors).find((each) => each.code === code);
  throw known
    ? new known(message)
    : new DocumentUnreadableError(`Cannot read a document of ${media_type}: ${message.slice(0, 300)}`);
}
