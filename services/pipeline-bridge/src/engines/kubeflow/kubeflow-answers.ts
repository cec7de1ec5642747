import { compileCheck } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";

/** Of google.rpc: what a person is told of a failure. */
const Failure = Type.Object({ message: Type.Optional(Type.String()) });
const Status = Type.Object({
  update_time: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  state: Type.Optional(Type.String()),
  error: Type.Optional(Type.Union([Failure, Type.Null()])),
});
const Outputs = Type.Record(
  Type.String(),
  Type.Object({ artifact_ids: Type.Optional(Type.Array(Type.Union([Type.String(), Type.Integer()]))) }),
);
const Task = Type.Object({
  display_name: Type.Optional(Type.String()),
  outputs: Type.Optional(Type.Union([Outputs, Type.Null()])),
});

/** What we read of a run (v2beta1Run). A field that Kubeflow leaves out is at its default. */
const KubeflowRunSchema = Type.Object({
  run_id: Type.String({ minLength: 1, maxLength: 256 }),
  display_name: Type.String(),
  state: Type.Optional(Type.String()),
  created_at: Type.String(),
  finished_at: Type.Optional(Type.Union([Type.String(), Type.Null()])),
  error: Type.Optional(Type.Union([Failure, Type.Null()])),
  state_history: Type.Optional(Type.Array(Status)),
  run_details: Type.Optional(Type.Unknown()),
});
export type KubeflowRun = Static<typeof KubeflowRunSchema>;

/** What a run made: how it is can be told without. */
const RunDetailsSchema = Type.Object({ task_details: Type.Optional(Type.Array(Task)) });
export type RunDetails = Static<typeof RunDetailsSchema>;

/** What Kubeflow tells of a run that it cannot read itself, and of one of which we can read no more. */
const KnownRunSchema = Type.Object({
  run_id: Type.String({ minLength: 1, maxLength: 256 }),
  display_name: Type.Optional(Type.String()),
  error: Type.Optional(Type.Union([Failure, Type.Null()])),
});

/** What we read of a page of runs (v2beta1ListRunsResponse). Each run is looked at by itself, so that a strange one hides no other. */
const RunPageSchema = Type.Object({
  runs: Type.Optional(Type.Array(Type.Unknown())),
  next_page_token: Type.Optional(Type.String()),
});

/** Compiles the checks; once per client. */
export const compileAnswerChecks = () => ({
  run: compileCheck(KubeflowRunSchema),
  details: compileCheck(RunDetailsSchema),
  known: compileCheck(KnownRunSchema),
  page: compileCheck(RunPageSchema),
});
export type AnswerChecks = ReturnType<typeof compileAnswerChecks>;
