import { encode, isLastStatus, pipelineCancel, pipelineTrigger, RUN_STATUSES } from "@gatehouse/events";
import { MOST_PARAMETER_BYTES } from "@gatehouse/runtime";
import { findRun, listRuns, type PipelineRunRow, requestOwner, retryRun, runStatuses } from "@gatehouse/store";
import { type Static, Type } from "@sinclair/typebox";
import type { FastifyPluginAsync, FastifyRequest } from "fastify";
import type { Identity } from "../auth/keyring.ts";
import type { Deps } from "../deps.ts";
import { BadRequestError, ForbiddenError, NotFoundError, NotRetryableError } from "../errors.ts";
import { refuseUnknownQuery } from "../http/refuse-unknown-query.ts";
import { auditRun } from "../pipelines/audit-run.ts";
import { listedRun, shownRun } from "../pipelines/shown-run.ts";
import { startRun } from "../pipelines/start-run.ts";
import { mayEndRun, mayPublish, maySeeRun, operates, ownerOf } from "../rights.ts";
import { PAGE } from "./pages.ts";

const STATES = ["waiting", ...RUN_STATUSES] as const;
const New = Type.Object({
  request_id: Type.Optional(
    // Without a type: else Fastify would make a text of a number.
    Type.Unsafe<string>({
      description: "Names the run; one is made up unless this or Idempotency-Key is there",
    }),
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
/** Beside the parameters there is little, but a letter of a text may be written as six. */
const RUN_BYTES = 2 * MOST_PARAMETER_BYTES;

/** What can be run, running it, and what became of it. */
export const pipelinesRoutes: FastifyPluginAsync<Deps> = async (app, deps) => {
  const { db, bus, catalogue } = deps;
  const route = (summary: string, schema: object = {}) => ({ config: holder, schema: { tags, summary, ...schema } });

  const named = route("What can be run, with the JSON Schema of its parameters, and what the others lack");
  app.get("/api/pipelines", named, () => ({ items: catalogue.list() }));

  const run = {
    bodyLimit: RUN_BYTES,
    ...route("Runs a pipeline once; how it goes comes on ai.pipeline.status.{request_id}", { body: New }),
  };
  app.post<Run>("/api/pipelines/:name/runs", run, async (request, reply) => {
    const { params, body, identity } = request;
    assertMayStart(identity!);
    const given = { pipeline: params.name, request_id: requestIdOf(request), parameters: body.parameters };
    return reply.code(202).send(await startRun(given, identity!, deps));
  });

  const listed = route("Runs, newest first: a viewer's are its own", { querystring: Filter });
  const list = { ...listed, preValidation: refuseUnknownQuery(Filter) };
  app.get<{ Querystring: Static<typeof Filter> }>("/api/pipelines/runs", list, async ({ query, identity }) => {
    const whose = operates(identity!) ? {} : { owner: ownerOf(identity!) };
    const { items, next_cursor } = await listRuns(db, { ...query, ...whose });
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
    await auditRun(db, request.identity!, { action: "pipeline.cancel", target: request_id });
    await bus.publish(pipelineCancel.subject, encode({ request_id }));
    return reply.code(202).send({ request_id, state: run?.state ?? null });
  });

  app.post<One>("/api/pipelines/runs/:id/retry", route("Has one that failed go on"), async (request, reply) => {
    const { run } = await visible(request);
    if (!run) throw none(request.params.id);
    assertMayStart(request.identity!);
    const { request_id } = run;
    const outcome = await db.transaction((tx) => retryRun(tx, request_id));
    const now = (await findRun(db, request_id)) ?? run;
    if (outcome !== "retried") throw new NotRetryableError(`Cannot have run "${request_id}" go on as ${whyNot(now)}`);
    await auditRun(db, request.identity!, { action: "pipeline.retry", target: request_id });
    return reply.code(202).send({ request_id, attempt: now.attempt });
  });

  /** A run that one may know of; one that is asked for and not taken in yet has an owner only. @throws {NotFoundError} */
  async function visible({ params: { id }, identity }: FastifyRequest<One>) {
    const [run, owner] = await Promise.all([findRun(db, id), requestOwner(db, id)]);
    if ((run === null && owner === null) || !maySeeRun(identity!, owner)) throw none(id);
    return { run, owner };
  }
};

function requestIdOf({ body, headers }: FastifyRequest<Run>): string | undefined {
  const key = headers["idempotency-key"] as string | undefined;
  const request_id = body.request_id;
  if (key === undefined || request_id === undefined || key === request_id) return request_id ?? key;
  throw new BadRequestError("Cannot run the pipeline as request_id and Idempotency-Key must be one: they differ");
}

/** Why a run cannot go on; it was refused, where its state would let it. */
function whyNot({ state, error }: PipelineRunRow): string {
  if (!isLastStatus(state) || state === "succeeded")
    return `it must have failed or been cancelled: current state is ${state}`;
  return `it was refused (${error?.code ?? state}) and its engine never asked: it must be run anew, under another request_id`;
}

function assertMayStart(who: Identity): void {
  if (!mayPublish(who, pipelineTrigger.subject)) throw notAllowed("run a pipeline", pipelineTrigger.subject);
}

const notAllowed = (what: string, subject: string): Error =>
  new ForbiddenError(`Cannot ${what} as the key must be an operator's or have ${subject} among its subjects`);

const none = (request_id: string): Error => new NotFoundError(`Cannot find run ${JSON.stringify(request_id)}`);
