import {
  acknowledgeEvent,
  type EventFilter,
  findEvent,
  type ListedEvent,
  listEvents,
  listFeedback,
  putFeedback,
  writeAudit,
} from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync } from "fastify";
import type { Deps } from "../deps.ts";
import { NotFoundError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";
import { PAGE, SPAN } from "./pages.ts";

const Filter = Type.Object({
  camera_id: Type.Optional(Type.String({ maxLength: 64 })),
  label: Type.Optional(Type.String({ maxLength: 64 })),
  level: Type.Optional(Type.Union(["low", "medium", "high", "critical"].map((level) => Type.Literal(level)))),
  min_score: Type.Optional(Type.Integer({ minimum: 0, maximum: 100 })),
  text: Type.Optional(Type.String({ maxLength: 256, description: "Words of the summary" })),
  ...SPAN,
  ...PAGE,
});
const Feedback = Type.Object({
  verdict: Type.String({ minLength: 1, maxLength: 64, description: "correct, false_alarm, …" }),
  note: Type.Optional(Type.Union([Type.String({ maxLength: 2_000 }), Type.Null()])),
});
type One = { Params: { id: string } };
const tags = ["events"];

/** Events, newest first; one with what people think of it; acknowledging and judging them. */
export const eventsRoutes: FastifyPluginAsync<Deps> = async (app, { db }) => {
  const viewer = { access: "viewer" } as const;
  const operator = { access: "operator" } as const;
  const list = { config: viewer, schema: { tags, summary: "Events, newest first", querystring: Filter } };
  app.get<{ Querystring: Static<typeof Filter> }>("/api/events", list, async ({ query }) => {
    const { items, next_cursor } = await listEvents(db, query as EventFilter);
    return { items: items.map(shown), next_cursor };
  });

  app.get<One>(
    "/api/events/:id",
    { config: viewer, schema: { tags, summary: "One event" } },
    async ({ params: { id } }) => {
      const event = shown(await existing(id));
      return { ...event, feedback: await listFeedback(db, id) };
    },
  );

  const acknowledge = { config: operator, schema: { tags, summary: "Says that somebody has seen it" } };
  app.post<One>("/api/events/:id/acknowledge", acknowledge, async ({ params: { id }, identity }) => {
    await existing(id);
    const who = nameOf(identity!);
    const at_ms = Date.now();
    await db.transaction(async (tx) => {
      const first = await acknowledgeEvent(tx, id, who, at_ms);
      if (first) await writeAudit(tx, { at_ms, who, action: "event.acknowledge", target: id, details: {} });
    });
    return shown(await existing(id));
  });

  const judge = { config: operator, schema: { tags, summary: "Says what somebody thinks of it", body: Feedback } };
  app.post<One & { Body: Static<typeof Feedback> }>(
    "/api/events/:id/feedback",
    judge,
    async ({ params: { id }, body: { verdict, note = null }, identity }) => {
      await existing(id);
      const feedback = { event_id: id, by: nameOf(identity!), verdict, note, at_ms: Date.now() };
      await db.transaction(async (tx) => {
        await putFeedback(tx, feedback);
        const { by: who, at_ms } = feedback;
        await writeAudit(tx, { at_ms, who, action: "event.feedback", target: id, details: { verdict } });
      });
      return feedback;
    },
  );

  async function existing(id: string): Promise<ListedEvent> {
    const event = await findEvent(db, id);
    if (!event) throw new NotFoundError(`Cannot find event ${JSON.stringify(id)}`);
    return event;
  }
};

/** The event as it is on the wire, and who has seen it. */
function shown({ event, acknowledged_by, acknowledged_at_ms }: ListedEvent): object {
  return { ...event, acknowledged_by, acknowledged_at_ms };
}
