/** What a trigger of the storm is: an ordinary one, which is retried when it fails; one that is cancelled at some time; one whose parameters break their schema. */
export type Fate = "run" | "cancel" | "bad";

export type RunState = "pending" | "running" | "succeeded" | "failed" | "error" | "cancelled";

/** A trigger that was accepted: the broker, or a gateway, said so. */
export interface AcceptedTrigger {
  request_id: string;
  engine: "argo" | "kubeflow";
  fate: Fate;
  /** When the bus had acknowledged its cancel; null: it has none. */
  cancel_acked_at_ms: number | null;
}

/** A run as an engine has written it down itself. */
export interface LoggedRun {
  engine: "argo" | "kubeflow";
  run_name: string;
  /** argo: its name; kubeflow: the server's. */
  run_id: string;
  created_at_ms: number;
  /** All its changes, in order, from its first on; neighbours differ. */
  states: RunState[];
  /** It was cleared away, or taken away. */
  has_vanished: boolean;
}

/** A row of `pipeline_runs`. */
export interface RunRow {
  request_id: string;
  run_name: string;
  run_id: string | null;
  state: string;
  created_at_ms: number;
  submitted_at_ms: number | null;
  cancelled_at_ms: number | null;
  ended_at_ms: number | null;
}

/** A row of `pipeline_statuses`. */
export interface StatusRow {
  request_id: string;
  seq: number;
  status: string;
  published_seq: number | null;
}

/** A message on `ai.pipeline.status.{request_id}`, in the order of its stream. */
export interface ToldStatus {
  request_id: string;
  seq: number;
  status: string;
  run_id: string | null;
  code?: string;
  retryable?: boolean;
}

/** What was done to the engines, beside killing and pausing them. */
export interface Trouble {
  /** Faults that their requests have met, by kind. */
  met: Record<string, number>;
  /** What happened to them at once, by name. */
  happened: Record<string, number>;
  /** What could not be switched on while nothing had been done to the engine that explains it. */
  unexplained: string[];
}

/** How late something may be by what the storm does. */
export interface Reach {
  /** From a cancel on the bus to its row. */
  cancel_ms: number;
  /** From the row to the last run that an engine begins in spite of it. */
  begin_ms: number;
}

/** Everything that was written down: by the engines, by the bus, and in the database at the end. */
export interface PipelinesStory {
  triggers: AcceptedTrigger[];
  logged: LoggedRun[];
  /** Requests that an engine found not to be what its published definition says. */
  contract_faults: string[];
  rows: RunRow[];
  status_rows: StatusRow[];
  told: ToldStatus[];
  /** Kinds and keys of work that is still due, but for what only tidies up. */
  due: string[];
  reach: Reach;
  trouble: Trouble;
  /** `{subject}: {code} {reason}` */
  dead_letters: string[];
}
