import { encode, pipelineCancel, pipelineTrigger } from "@gatehouse/events";
import { findRun, listRuns, requestOwner, retryRun, runStatuses, writeAudit } from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import { BadRequestError, ForbiddenError, NotFoundError, NotRetryableError } from "../errors.ts";
import { nameOf } from "../http/admit.ts";
import { listedRun, shownRun } from "../pipelines/shown-run.ts";
import { startRun } from "../pipelines/start-run.ts";
import { mayEndRun, mayPublish, maySeeRun } from "../rights.ts";
import { PAGE } from "./pages.ts";

const STATES = ["waiting", "submitted", "pending", "running", "succeeded", "failed", "error", "cancelled"] as const;
const New = Type.Object({
  request_id: Type.Optional(
    Type.String({ description: "Names the run; one is made up unless this or Idempotency-Key is there" }),
  ),
  parameters: Type.Record(Type.String(), Type.Unknown(), { default: {} }),
});
const Filter = Type.Object({
  pipeline: Type.Optional(Type.String({ maxLength: 128 })),
  state: Type.Optional(Type.Union(STATES.map((state) => Type.Literal(state)))),
  ...PAGE,
});
type Run = { Params: { name: string }; Body: Static<typeof New> };
type One = { Params: { id: string } };
const tags = ["pipelines"];
const holder = { access: "holder" } as const;
const operator = { access: "operator" } as const;

/** What can be run, running it, and what became of it. */
export const pipelinesRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const { db, bus, catalogue } = deps;
  const route = (summary: string, schema: object = {}) => ({ config: holder, schema: { tags, summary, ...schema } });

  const named = route("What can be run, with the JSON Schema of its parameters, and what the others lack");
  app.get("/api/pipelines", named, () => ({ items: catalogue.list() }));

  const run = route("Runs a pipeline once; how it goes comes on ai.pipeline.status.{request_id}", { body: New });
  app.post<Run>("/api/pipelines/:name/runs", run, async (request, reply) => {
    const { params, body, identity } = request;
    assertMayStart(identity!);
    const given = { pipeline: params.name, request_id: requestIdOf(request), parameters: body.parameters };
    return reply.code(202).send(await startRun(given, identity!, deps));
  });

  const list = { config: operator, schema: { tags, summary: "Runs, newest first", querystring: Filter } };
  app.get<{ Querystring: Static<typeof Filter> }>("/api/pipelines/runs", list, async ({ query }) => {
    const { items, next_cursor } = await listRuns(db, query);
    return { items: items.map(listedRun), next_cursor };
  });

  app.get<One>("/api/pipelines/runs/:id", route("A run, with all that was told of it"), async (request) => {
    const { run } = await visible(request);
    if (!run) throw none(request.params.id);
    return shownRun(run, await runStatuses(db, run.request_id));
  });

  app.post<One>("/api/pipelines/runs/:id/cancel", route("Says that it is no longer wanted"), async (request, reply) => {
    const { run, owner } = await visible(request);
    const request_id = request.params.id;
    if (!mayEndRun(request.identity!, owner)) throw notAllowed("end a run", pipelineCancel.subject);
    await audit(request, "pipeline.cancel");
    await bus.publish(pipelineCancel.subject, encode({ request_id }));
    return reply.code(202).send({ request_id, state: run?.state ?? null });
  });

  app.post<One>("/api/pipelines/runs/:id/retry", route("Has one that failed go on"), async (request, reply) => {
    const { run } = await visible(request);
    if (!run) throw none(request.params.id);
    assertMayStart(request.identity!);
    const { request_id } = run;
    const outcome = await db.transaction((tx) => retryRun(tx, request_id));
    const { attempt, state } = (await findRun(db, request_id)) ?? run;
    if (outcome !== "retried")
      throw new NotRetryableError(
        `Cannot have run "${request_id}" go on as it must have failed or been cancelled: current state is ${state}`,
      );
    await audit(request, "pipeline.retry");
    return reply.code(202).send({ request_id, attempt });
  });

  /** A run that one may know of; one that is asked for and not taken in yet has an owner only. @throws {NotFoundError} */
  async function visible({ params: { id }, identity }: FastifyRequest<One>) {
    const [run, owner] = await Promise.all([findRun(db, id), requestOwner(db, id)]);
    if ((run === null && owner === null) || !maySeeRun(identity!, owner)) throw none(id);
    return { run, owner };
  }

  function audit({ params: { id: target }, identity }: FastifyRequest<One>, action: string): Promise<void> {
    return writeAudit(db, { at_ms: Date.now(), who: nameOf(identity!), action, target, details: {} });
  }
};

function requestIdOf({ body, headers }: FastifyRequest<Run>): string | undefined {
  const key = headers["idempotency-key"] as string | undefined;
  const request_id = body.request_id;
  if (key === undefined || request_id === undefined || key === request_id) return request_id ?? key;
  throw new BadRequestError("Cannot run the pipeline as request_id and Idempotency-Key must be one: they differ");
}

function assertMayStart(who: Identity): void {
  if (!mayPublish(who, pipelineTrigger.subject)) throw notAllowed("run a pipeline", pipelineTrigger.subject);
}

const notAllowed = (what: string, subject: string): Error =>
  new ForbiddenError(`Cannot ${what} as the key must be an operator's or have ${subject} among its subjects`);

const none = (request_id: string): Error => new NotFoundError(`Cannot find run ${JSON.stringify(request_id)}`);
