import type { FastifyInstance, FastifyReply } from "fastify";
import { failAsSwitched, goneSignal } from "../failing.ts";
import { answerBody, headerLength, readRequest } from "../kserve/http-body.ts";
import { infer, metadataOf, serverMetadata } from "../kserve/infer.ts";
import type { Repository } from "../kserve/repository.ts";
import { servedVersion } from "../kserve/served-model.ts";
import { wireError } from "./answer-error.ts";
import type { DoorParts } from "./door-parts.ts";

/** The longest request: a batch of tensors. */
export const maxTensorBytes = 64 * 1024 * 1024;

/** What the KServe doors work with: they show the same models. */
export interface KserveParts extends DoorParts {
  repository: Repository;
}

interface ModelPath {
  Params: { model: string; version?: string };
}

/** KServe v2 over HTTP with the binary tensor extension, and Triton's model repository extension, under `/v2`. */
export async function kserveHttpDoor(
  app: FastifyInstance,
  { failures, random, repository }: KserveParts,
): Promise<void> {
  app.setErrorHandler((error: Error, _request, reply) => {
    const { status, message } = wireError(error);
    void reply.code(status).send({ error: message });
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: maxTensorBytes }, (_request, body, done) =>
    done(null, body),
  );
  app.get("/v2", () => serverMetadata);
  for (const health of ["live", "ready"]) app.get(`/v2/health/${health}`, (_request, reply) => reply.send());
  for (const path of ["/v2/models/:model", "/v2/models/:model/versions/:version"]) {
    app.get<ModelPath>(path, ({ params }) => metadataOf(repository.ready(params.model, params.version)));
    app.get<ModelPath>(`${path}/ready`, ({ params }, reply) =>
      reply.code(repository.isReady(params.model, params.version) ? 200 : 400).send(),
    );
    app.post<ModelPath>(`${path}/infer`, async ({ params, body, headers }, reply) => {
      if (!(await failAsSwitched(failures.kserve, reply, { random, signal: goneSignal(reply) }))) return reply;
      return answer(params, { body: body as Buffer, header: headers[headerLength] as string | undefined }, reply);
    });
  }
  app.post("/v2/repository/index", ({ body }) => repository.index(body ? JSON.parse(String(body)) : {}));
  app.post<ModelPath>("/v2/repository/models/:model/load", async ({ params }, reply) => {
    await repository.load(params.model);
    return reply.send();
  });
  app.post<ModelPath>("/v2/repository/models/:model/unload", ({ params }, reply) => {
    repository.unload(params.model);
    return reply.send();
  });

  async function answer(
    { model, version = "" }: ModelPath["Params"],
    { body, header }: { body: Buffer; header: string | undefined },
    reply: FastifyReply,
  ): Promise<FastifyReply> {
    const { id, inputs, outputs, binary } = readRequest(body, header);
    const output = await infer(repository, { model, version, inputs, outputs });
    const answered = answerBody({ id, model_name: model, model_version: servedVersion }, output, binary);
    if (answered.json_bytes === null) return reply.type("application/json").send(answered.body);
    return reply.type("application/octet-stream").header(headerLength, answered.json_bytes).send(answered.body);
  }
}
