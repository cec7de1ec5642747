import { compileCheck } from "@gatehouse/events";
import { type Static, type TSchema, Type } from "@sinclair/typebox";

const Maybe = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const Text = Maybe(Type.String());

const Parameter = Type.Object({ name: Type.String(), value: Maybe(Type.Union([Type.String(), Type.Number()])) });
const Place = Maybe(Type.Object({ bucket: Text, key: Text }));
const Artifact = Type.Object({
  name: Type.String(),
  deleted: Maybe(Type.Boolean()),
  s3: Place,
  gcs: Place,
  oss: Place,
  azure: Maybe(Type.Object({ endpoint: Text, container: Text, blob: Text })),
  http: Maybe(Type.Object({ url: Type.String() })),
});
const Outputs = Maybe(
  Type.Object({ parameters: Maybe(Type.Array(Parameter)), artifacts: Maybe(Type.Array(Artifact)), result: Text }),
);
const Repository = Maybe(Type.Object({ s3: Place, gcs: Place, oss: Place }));

/** What is read of a workflow. What Argo leaves out is at its default. */
const Workflow = Type.Object({
  metadata: Type.Object({
    name: Type.String({ minLength: 1, maxLength: 253 }),
    resourceVersion: Type.String({ pattern: "^[0-9]{1,16}$" }),
    creationTimestamp: Type.String(),
    labels: Maybe(Type.Record(Type.String(), Type.String())),
    annotations: Maybe(Type.Record(Type.String(), Type.String())),
  }),
  status: Maybe(
    Type.Object({
      phase: Text,
      message: Text,
      startedAt: Text,
      finishedAt: Text,
      outputs: Outputs,
      nodes: Maybe(Type.Record(Type.String(), Type.Object({ outputs: Outputs }))),
      artifactRepositoryRef: Maybe(Type.Object({ artifactRepository: Repository })),
    }),
  ),
});
export type Workflow = Static<typeof Workflow>;
export type WorkflowOutputs = Static<typeof Outputs>;
export type WorkflowArtifact = Static<typeof Artifact>;

/** A page of workflows, each of which is looked at by itself, so that a strange one hides no other. */
const WorkflowPage = Type.Object({
  metadata: Type.Object({ resourceVersion: Text, continue: Text }),
  items: Maybe(Type.Array(Type.Unknown())),
});

/** What a watch is told. */
const WatchFrame = Type.Object({
  result: Maybe(Type.Object({ type: Type.String(), object: Type.Unknown() })),
  error: Maybe(Type.Object({ http_code: Type.Optional(Type.Integer()), message: Text })),
});
export type WatchFrame = Static<typeof WatchFrame>;

const Bookmark = Type.Object({ metadata: Type.Object({ resourceVersion: Type.String({ pattern: "^[0-9]{1,16}$" }) }) });

/** Compiles the checks; once per client. */
export const compileShapes = () => ({
  workflow: compileCheck(Workflow),
  page: compileCheck(WorkflowPage),
  frame: compileCheck(WatchFrame),
  bookmark: compileCheck(Bookmark),
});
export type Shapes = ReturnType<typeof compileShapes>;

/** How a workflow is, and no more: of many at once. */
const STATE = [
  "metadata.name",
  "metadata.resourceVersion",
  "metadata.creationTimestamp",
  "status.phase",
  "status.message",
  "status.startedAt",
  "status.finishedAt",
];
/** Of a workflow, without its nodes, which may be many. */
const FIELDS = [...STATE, "metadata.labels", "metadata.annotations", "status.outputs"];
const ofItems = (fields: readonly string[]): string =>
  ["metadata", ...fields.map((field) => `items.${field}`)].join(",");
/** What is asked for, so that 5,000 runs take little. An error that is not named would be left out of a watch's frames. */
export const ASKED_FIELDS = {
  run: FIELDS.join(","),
  whole_run: [...FIELDS, "status.artifactRepositoryRef", "status.nodes"].join(","),
  list: ofItems(STATE),
  listed: ofItems(FIELDS),
  watch: ["error", "result.type", ...FIELDS.map((field) => `result.object.${field}`)].join(","),
};
