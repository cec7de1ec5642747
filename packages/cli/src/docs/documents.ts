import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { UsageError } from "../errors.ts";
import type { Access } from "../gateway/access.ts";
import { askGateway } from "../gateway/ask-gateway.ts";

/** A document as the gateway tells it. */
export interface KnownDocument {
  document_id: string;
  collection: string;
  uri: string;
  title: string | null;
  state: "waiting" | "indexing" | "ready" | "failed" | "removing";
  error: { code: string; message: string } | null;
  /** Into how many it was split; those of them that can be found. */
  passages: number;
  embedded: number;
  sha256?: string;
  updated_at_ms: number;
}
export interface Page {
  items: KnownDocument[];
  next_cursor: string | null;
}

export const DOCUMENTS = "/api/documents";
const PAGE_SIZE = 200;

export const pathOf = (document_id: string): string => `${DOCUMENTS}/${encodeURIComponent(document_id)}`;

/** All documents of a collection, or of all of them, page by page. */
export async function* allDocuments(access: Access, collection?: string): AsyncGenerator<KnownDocument> {
  let cursor: string | undefined;
  do {
    const query = { collection, cursor, limit: PAGE_SIZE };
    const page: Page = await askGateway<Page>(access, DOCUMENTS, { query });
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
}

/** What a person has to type of an id. */
export const ID_SHOWN = 12;

/** How many passages, in words. */
export const passagesOf = (many: number): string => `${many} ${many === 1 ? "passage" : "passages"}`;

/** The document with this id or beginning of one, URI, or file. @throws {UsageError} when there is none, or it is in several collections */
export async function findDocument(
  access: Access,
  name: string,
  { cwd, collection }: { cwd: string; collection?: string | undefined },
): Promise<KnownDocument> {
  const names = [name, pathToFileURL(resolve(cwd, name)).href];
  const found: KnownDocument[] = [];
  for await (const document of allDocuments(access, collection))
    if (names.includes(document.uri) || (name.length >= ID_SHOWN && document.document_id.startsWith(name)))
      found.push(document);
  if (found.length === 1) return found[0]!;
  const seen =
    found.length === 0
      ? "there is none"
      : `it is in ${found.map((one) => one.collection).join(", ")}: say --collection`;
  throw new UsageError(`Cannot find "${name}" as it must be a document that gatehouse docs list shows: ${seen}`);
}
