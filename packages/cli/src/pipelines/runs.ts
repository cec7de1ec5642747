import { isLastStatus, type PipelineStatus, RUN_STATUSES } from "@gatehouse/events";

/** `waiting`: its engine was not asked yet. */
export type RunState = "waiting" | PipelineStatus["status"];
export const STATES: readonly RunState[] = ["waiting", ...RUN_STATUSES];

/** A run as a list shows it. */
export interface ListedRun {
  request_id: string;
  pipeline: string;
  engine: string | null;
  state: RunState;
  message: string;
  /** `request`, `join:<name>` or `schedule:<name>`. */
  origin: string;
  attempt: number;
  created_at_ms: number;
  started_at_ms: number | null;
  ended_at_ms: number | null;
}

/** A run, with everything that was told of it. */
export interface KnownRun extends ListedRun {
  run_id: string | null;
  parameters: Record<string, unknown>;
  /** As they were told on the bus. */
  statuses: PipelineStatus[];
}

/** A pipeline that can be run, or could be if what is missing were there. */
export interface KnownPipeline {
  name: string;
  /** Null: no engine has it. */
  engine: string | null;
  configured: boolean;
  /** The setting without which it cannot be run; null when it can. */
  missing: string | null;
  /** The JSON schema of its parameters. */
  parameters: ParameterSchema | null;
}
export interface ParameterSchema {
  properties?: Record<string, { type?: string | string[]; description?: string }>;
  required?: string[];
}

export const PIPELINES = "/api/pipelines";
export const RUNS = `${PIPELINES}/runs`;

export const pathOf = (request_id: string): string => `${RUNS}/${request_id}`;

/** Whether nothing more happens to a run by itself. */
export const isOver = (state: RunState): boolean => isLastStatus(state);
