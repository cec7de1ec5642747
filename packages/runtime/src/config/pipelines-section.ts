import { Id, OneOf, OrNull } from "@gatehouse/events";
import { Type } from "@sinclair/typebox";
import { FreeMap } from "./free-map.ts";
import { Secret } from "./secret.ts";

const Name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
/** Of Kubernetes. */
const Namespace = (description: string) =>
  Type.String({ pattern: "^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description });

/** A server that runs pipelines. */
const Server = (namespace: string, description: string) =>
  Type.Object(
    {
      url: Type.String({ format: "url", maxLength: 2048, description: "Where its API listens" }),
      namespace: { ...Namespace("Of pipelines that name none"), default: namespace },
      token: Type.Optional(Secret("Sent as bearer token; a file is read again when it has changed")),
      ca_file: {
        ...OrNull(Name("Path of the certificates that its own must lead to (PEM); null: those of this machine")),
        default: null,
      },
      timeout_ms: Type.Integer({
        minimum: 100,
        maximum: 300_000,
        default: 10_000,
        description: "A request that takes longer is given up",
      }),
    },
    { description },
  );

const Pipeline = Type.Object({
  engine: Type.Optional(OneOf(["argo", "kubeflow", "local"], "Who runs it; known names have one")),
  template: Type.Optional(Name("argo: name of the WorkflowTemplate; the pipeline's name unless said")),
  pipeline_id: Type.Optional(Name("kubeflow: id of the pipeline")),
  version_id: Type.Optional(Name("kubeflow: id of its version; the newest unless said")),
  experiment_id: Type.Optional(Name("kubeflow: id of the experiment; the default one unless said")),
  namespace: Type.Optional(Namespace("Where it runs; the engine's unless said")),
  parameters: Type.Optional(
    FreeMap("JSON Schema (draft 07) of the parameters, checked before anything is sent; any will do unless said"),
  ),
  per_min: Type.Optional(Type.Integer({ minimum: 1, maximum: 100_000, description: "Runs in a minute; others wait" })),
  timeout_s: Type.Integer({
    minimum: 1,
    maximum: 2_592_000,
    default: 86_400,
    description: "A run that its engine has had for longer is ended",
  }),
});

/** What both joins and schedules say. */
const fires = {
  name: Id("Names it"),
  pipeline: Name("The pipeline that is run"),
};

/** Which pipelines there are, who runs them, and what fires them. */
export const pipelines = Type.Object({
  settle_ms: Type.Integer({
    minimum: 0,
    maximum: 3_600_000,
    default: 60_000,
    description: "How long a request that was cut off may still be under way: so long is waited before it is sent anew",
  }),
  argo: { ...OrNull(Server("argo", "An Argo Workflows server (3.5 or later); null: there is none")), default: null },
  kubeflow: { ...OrNull(Server("kubeflow", "A Kubeflow Pipelines API (2.x); null: there is none")), default: null },
  catalogue: Type.Record(Type.String({ pattern: "^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$" }), Pipeline, {
    default: {},
    description: "By name, beside those that are known",
  }),
  joins: Type.Array(
    Type.Object({
      ...fires,
      when: Type.String({
        minLength: 1,
        maxLength: 512,
        description: "camera.*.event.created with risk.level = critical",
      }),
      parameters: { ...FreeMap("Given to the run; {path} stands for a field of the event"), default: {} },
    }),
    { maxItems: 100, default: [], description: "Events that run a pipeline, once each" },
  ),
  schedules: Type.Array(
    Type.Object({
      ...fires,
      cron: Type.String({ minLength: 1, maxLength: 128, description: "minute hour day month weekday" }),
      timezone: { ...OrNull(Name("As Europe/Berlin; null: that of the machine")), default: null },
      parameters: { ...FreeMap("Given to the run"), default: {} },
    }),
    { maxItems: 100, default: [], description: "Times at which a pipeline is run" },
  ),
});
