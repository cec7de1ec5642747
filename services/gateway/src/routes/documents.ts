import { DOCUMENT_TYPES, reindex } from "@gatehouse/retrieval";
import {
  CHAT_HANDLER,
  findDocument,
  listCollections,
  listDocuments,
  putDocument,
  putDue,
  type Queryable,
  removeDocument,
  writeAudit,
} from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { Deps } from "../deps.ts";
import { BadRequestError, NotFoundError, UnknownCollectionError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";
import { goneSignal } from "../http/gone-signal.ts";
import { chatUserOf } from "../rights.ts";
import { PAGE } from "./pages.ts";

const MOST_BODY = 32 * 1024 * 1024;
const NAME = "^[A-Za-z0-9_-]{1,64}$";
const Collection = Type.String({ pattern: NAME });
/** Long enough for any path or address. */
const MOST_URI_BYTES = 2_048;
const PRINTED = "^[^\\x00-\\x1f\\x7f]+$";
const Put = Type.Object({
  collection: Type.String({ pattern: `(?!^events$)${NAME}`, default: "documents", description: "Any but events" }),
  uri: Type.String({
    pattern: PRINTED,
    maxLength: MOST_URI_BYTES,
    description: `Where it comes from, at most ${MOST_URI_BYTES} bytes: put again, it is replaced`,
  }),
  title: Type.Optional(Type.String({ pattern: PRINTED, maxLength: 256 })),
});
const Filter = Type.Object({ collection: Type.Optional(Collection), ...PAGE });
const Reindex = Type.Object({ collection: Type.Optional(Collection) });
const Search = Type.Object({
  query: Type.String({ minLength: 1, maxLength: 32_000 }),
  collection: Type.Optional(Type.Union([Collection, Type.Null()], { description: "All that one may see unless said" })),
  top_k: Type.Integer({ minimum: 1, maximum: 100, default: 5 }),
  rerank: Type.Boolean({ default: false }),
});
type One = { Params: { id: string } };
const tags = ["documents"];
const operator = { access: "operator" } as const;
const holder = { access: "holder" } as const;

/** What answers lean on: putting, listing, removing and searching documents. */
export const documentsRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  await app.register(uploads, deps);
  const { db, retriever } = deps;

  const list = { config: holder, schema: { tags, summary: "Documents, last changed first", querystring: Filter } };
  app.get<{ Querystring: Static<typeof Filter> }>("/api/documents", list, ({ query }) => listDocuments(db, query));
  app.get<One>("/api/documents/:id", { config: holder, schema: { tags, summary: "One document" } }, (request) =>
    existing(request.params.id),
  );

  const remove = { config: operator, schema: { tags, summary: "Removes one, with its passages" } };
  app.delete<One>("/api/documents/:id", remove, async ({ params: { id: document_id }, identity }, reply) => {
    const { uri } = await existing(document_id);
    await db.transaction(async (tx) => {
      if (!(await removeDocument(tx, document_id))) return;
      await dueSplit(tx, document_id);
      await audit(tx, { who: nameOf(identity!), action: "document.remove", target: document_id, details: { uri } });
    });
    return reply.code(202).send({ document_id, state: "removing" });
  });

  const anew = { config: operator, schema: { tags, summary: "Embeds all passages anew", body: Reindex } };
  app.post<{ Body: Static<typeof Reindex> }>("/api/documents/reindex", anew, async ({ body, identity }, reply) => {
    const { collection = null } = body;
    await audit(db, { who: nameOf(identity!), action: "document.reindex", target: collection ?? "", details: {} });
    const { passages } = await reindex(db, collection);
    await putDue(db, { service: CHAT_HANDLER, kind: "embed", key: "passages", due_at_ms: Date.now() });
    return reply.code(202).send({ passages });
  });

  const found = {
    config: { access: "holder", limit: "search" } as const,
    schema: { tags, summary: "What a question would find, of what one may see", body: Search },
  };
  app.post<{ Body: Static<typeof Search> }>("/api/documents/search", found, async ({ body, identity }, reply) => {
    const { query: text, collection = null, top_k, rerank } = body;
    if (collection !== null && !(await retriever.hasCollection(collection)))
      throw new UnknownCollectionError(`Cannot search collection "${collection}" as nothing was put into it`);
    const query = { text, user_id: chatUserOf(identity!), collection, top_k, rerank };
    return { items: await retriever.find(query, { signal: goneSignal(reply) }) };
  });
  const named = {
    config: { access: "holder" } as const,
    schema: { tags, summary: "Collections, and what is in them" },
  };
  app.get("/api/collections", named, async () => ({ items: await listCollections(db) }));

  async function existing(document_id: string) {
    const document = await findDocument(db, document_id);
    if (!document) throw new NotFoundError(`Cannot find document ${JSON.stringify(document_id)}`);
    return document;
  }
};

/** `PUT /api/documents`: a file as it is. */
const uploads: FastifyPluginAsync<Deps> = async (app, deps) => {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([...DOCUMENT_TYPES], { parseAs: "buffer" }, (_request, body, done) => done(null, body));
  const receive = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    reply.raw.once("close", deps.uploads.begin(request.headers["content-length"], MOST_BODY));
  };
  const put = {
    config: { access: "operator", limit: "documents" } as const,
    bodyLimit: MOST_BODY,
    onRequest: receive,
    schema: {
      tags,
      summary: "Adds a document of at most 32 MiB, or replaces the one of the same collection and uri",
      querystring: Put,
      consumes: [...DOCUMENT_TYPES],
    },
  };
  app.put<{ Querystring: Static<typeof Put> }>("/api/documents", put, async (request, reply) => {
    const { collection, uri, title = null } = request.query;
    assertIndexable(uri);
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
    const media_type = (request.headers["content-type"] ?? "").split(";", 1)[0]!.trim().toLowerCase();
    const user_id = chatUserOf(request.identity!);
    const answer = await deps.db.transaction(async (tx) => {
      const taken = await putDocument(tx, { collection, uri, title, media_type, body, user_id });
      const { document_id } = taken;
      if (taken.state === "waiting") await dueSplit(tx, document_id);
      if (taken.unchanged) return taken;
      const details = { collection, uri, bytes: body.length };
      await audit(tx, { who: nameOf(request.identity!), action: "document.put", target: document_id, details });
      return taken;
    });
    return reply.code(202).send(answer);
  });
};

/** @throws {BadRequestError} */
function assertIndexable(uri: string): void {
  const bytes = Buffer.byteLength(uri);
  if (bytes <= MOST_URI_BYTES) return;
  throw new BadRequestError(
    `Cannot put the document as querystring.uri must be at most ${MOST_URI_BYTES} bytes: current length is ${bytes}`,
    { facts: { path: "querystring.uri" } },
  );
}

/** Splitting, embedding and forgetting are chat-handler's. */
function dueSplit(tx: Queryable, document_id: string): Promise<void> {
  return putDue(tx, { service: CHAT_HANDLER, kind: "document", key: document_id, due_at_ms: Date.now() });
}

function audit(db: Queryable, entry: Omit<Parameters<typeof writeAudit>[1], "at_ms">): Promise<void> {
  return writeAudit(db, { at_ms: Date.now(), ...entry });
}
