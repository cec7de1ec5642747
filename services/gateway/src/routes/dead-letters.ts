import { describeError } from "@gatehouse/errors";
import { BadCursorError, listOnlyCounted, writeAudit } from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import { bodyOf, deadLetterOf } from "../dead-letters/dead-letter.ts";
import { listDeadLetters, STREAM } from "../dead-letters/list-dead-letters.ts";
import { findDeadLetter, redrive } from "../dead-letters/redrive.ts";
import type { Deps } from "../deps.ts";
import { BadRequestError, NotFoundError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";
import { PAGE } from "./pages.ts";

const Which = {
  service: Type.Optional(Type.String({ maxLength: 64 })),
  code: Type.Optional(Type.String({ maxLength: 64 })),
};
const Filter = Type.Object({ ...Which, ...PAGE });
const Many = Type.Object({ ...Which, all: Type.Optional(Type.Boolean()), cursor: PAGE.cursor });
const One = Type.Object({ seq: Type.Integer({ minimum: 1 }) });
type OneRoute = { Params: Static<typeof One> };
const MOST_AT_ONCE = 500;

/** Messages that were given up: look at them, drive them again, throw them away. */
export const deadLettersRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const { bus, db } = deps;
  const config = { access: "admin" } as const;
  const schema = (summary: string) => ({ tags: ["dead letters"], summary });

  const list = { config, schema: { ...schema("Dead letters, newest first"), querystring: Filter } };
  app.get<{ Querystring: Static<typeof Filter> }>("/api/dead-letters", list, async ({ query }) => {
    const { cursor, ...filter } = query;
    const before = cursor === undefined ? undefined : seqOf(cursor);
    const [page, only_counted] = await Promise.all([
      listDeadLetters(bus, { ...filter, before }),
      listOnlyCounted(db, filter),
    ]);
    return { ...page, only_counted };
  });

  const show = { config, schema: { ...schema("One, whole"), params: One } };
  app.get<OneRoute>("/api/dead-letters/:seq", show, async ({ params: { seq } }) => {
    const message = await findDeadLetter(bus, seq);
    return { ...deadLetterOf(message), headers: message.headers, ...bodyOf(message) };
  });

  const again = { config, schema: { ...schema("Hands it to its service again"), params: One } };
  app.post<OneRoute>("/api/dead-letters/:seq/redrive", again, async (request) => {
    const { seq } = request.params;
    const kept = await redrive(bus, seq);
    await audit(request, deps, "dead_letter.redrive", String(seq));
    return { seq, redrive_seq: kept.seq, duplicate: kept.duplicate };
  });

  const many = { config, schema: { ...schema("Hands all of a service or code again, 500 at most"), body: Many } };
  app.post<{ Body: Static<typeof Many> }>("/api/dead-letters/redrive", many, async (request) => {
    const { all = false, cursor, ...filter } = request.body;
    if (!all && filter.service === undefined && filter.code === undefined)
      throw new BadRequestError("Cannot drive dead letters again as service, code or all must be given");
    const done = await redriveMany(deps, { ...filter, before: cursor === undefined ? undefined : seqOf(cursor) });
    await audit(request, deps, "dead_letter.redrive", JSON.stringify(filter), { redriven: done.redriven.length });
    return done;
  });

  const discard = { config, schema: { ...schema("Throws it away"), params: One } };
  app.delete<OneRoute>("/api/dead-letters/:seq", discard, async (request, reply) => {
    const { seq } = request.params;
    const { subject, headers } = await findDeadLetter(bus, seq);
    if (!(await bus.removeMessage(STREAM, seq))) throw new NotFoundError(`Cannot find dead letter ${seq}`);
    await audit(request, deps, "dead_letter.discard", String(seq), {
      subject,
      code: headers["Gatehouse-Code"] ?? null,
    });
    return reply.code(204).send();
  });
};

interface Redriven {
  redriven: number[];
  refused: { seq: number; code: string; message: string }[];
  more: boolean;
  /** Goes on behind what was refused, or was of others. */
  next_cursor: string | null;
}

/** Oldest last: one that cannot be driven again is named and left. */
async function redriveMany(
  { bus }: Deps,
  filter: { service?: string; code?: string; before: number | undefined },
): Promise<Redriven> {
  const { items, next_cursor } = await listDeadLetters(bus, { ...filter, limit: MOST_AT_ONCE });
  const redriven: number[] = [];
  const refused: { seq: number; code: string; message: string }[] = [];
  for (const { seq } of items) {
    try {
      await redrive(bus, seq);
      redriven.push(seq);
    } catch (error) {
      const { code, message, retry } = describeError(error);
      if (retry !== "never") throw error;
      refused.push({ seq, code, message });
    }
  }
  return { redriven, refused, more: next_cursor !== null, next_cursor };
}

async function audit(
  { identity }: Pick<FastifyRequest, "identity">,
  { db }: Deps,
  action: string,
  target: string,
  details: Record<string, unknown> = {},
): Promise<void> {
  await writeAudit(db, { at_ms: Date.now(), who: nameOf(identity!), action, target, details });
}

function seqOf(cursor: string): number {
  if (/^[1-9]\d{0,15}$/.test(cursor)) return Number(cursor);
  throw new BadCursorError(`Cannot go on at a cursor that no list gave out: current value is "${cursor}"`);
}
