import { pathToFileURL } from "node:url";
import { describeError } from "@gatehouse/errors";
import { documentType } from "@gatehouse/runtime";
import {
  CHAT_HANDLER,
  type Database,
  markDocumentFailed,
  markDocumentPut,
  type NewDocument,
  putDocument,
  putDue,
  takeDocument,
} from "@gatehouse/store";
import { FileUnreadableError, PathRefusedError } from "../../errors.ts";
import { findInside } from "./documents-folder.ts";
import type { IngestionParameters } from "./ingestion-parameters.ts";
import { readFileInside } from "./read-file.ts";

/** As the gateway takes them. */
const MOST_URI_BYTES = 2_048;

/** A document of a run, and where files are. */
export interface Putting {
  run_name: string;
  name: string;
  parameters: IngestionParameters;
  folder: string;
  trace: Record<string, string>;
}

/**
 * Puts one document of a run, once: that it was put, the document, and its reading are one transaction. One that can never be
 * put is written down as failed.
 */
export async function putRunDocument(db: Database, putting: Putting): Promise<void> {
  const { run_name, name, trace } = putting;
  const document = await documentOf(putting);
  if (document instanceof Error)
    return markDocumentFailed(db, { run_name, name, error: describeError(document).message });
  await db.transaction(async (tx) => {
    if (!(await takeDocument(tx, run_name, name))) return;
    const { document_id, state, unchanged } = await putDocument(tx, document);
    if (state === "waiting")
      await putDue(tx, { service: CHAT_HANDLER, kind: "document", key: document_id, due_at_ms: Date.now(), trace });
    await markDocumentPut(tx, { run_name, name, document_id, unchanged });
  });
}

/** What is to be put; an error when that can never be. */
async function documentOf({ name, parameters, folder }: Putting): Promise<NewDocument | Error> {
  const { collection } = parameters;
  const document = { collection, user_id: null };
  if ("text" in parameters) {
    const { text, uri, title, media_type } = parameters;
    return uriFault(uri) ?? { ...document, uri, title, media_type, body: Buffer.from(text) };
  }
  try {
    const { path } = await findInside(folder, name);
    const uri = pathToFileURL(path).href;
    const body = await readFileInside(folder, name);
    return uriFault(uri) ?? { ...document, uri, title: null, media_type: documentType(name)!, body };
  } catch (error) {
    if (error instanceof FileUnreadableError || error instanceof PathRefusedError) return error;
    throw error;
  }
}

function uriFault(uri: string): Error | null {
  const bytes = Buffer.byteLength(uri);
  if (bytes <= MOST_URI_BYTES) return null;
  return new FileUnreadableError(
    `Cannot take in a document as its uri must be at most ${MOST_URI_BYTES} bytes: current length is ${bytes}`,
  );
}
