import { readFileSync } from "node:fs";
import { type Call, type EngineServer, type Reply, startEngineServer } from "./engine-server.ts";
import { type Filter, filterFaults, listRuns } from "./kubeflow-list.ts";
import { type GivenRun, type KeptRun, KubeflowRuns, stateOf } from "./kubeflow-runs.ts";
import { openContract, type PublishedDefinitions } from "./published-contract.ts";
import { type Script, SwitchBoard } from "./switches.ts";

export const kubeflowContract = openContract(
  JSON.parse(readFileSync(new URL("./kubeflow.definitions.json", import.meta.url), "utf8")) as PublishedDefinitions,
);

const SCRIPT: Script = {
  steps: [
    { state: "running", after_ms: 50 },
    { state: "succeeded", after_ms: 100 },
  ],
};
/** Of google.rpc.Code. */
const RPC_CODES: Record<number, number> = { 400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8, 500: 13, 503: 14 };
/** A pipeline with this in front of its id is not known. */
const UNKNOWN = "unknown-";
const OUTPUT_FIELDS = ["run_id", "storage_state", "created_at", "scheduled_at", "finished_at", "state", "error"];

export interface KubeflowEngineOptions {
  port?: number;
  /** Where its runs are kept, also over a SIGKILL. */
  file: string;
  token?: string | null;
}

/**
 * A Kubeflow Pipelines (v2beta1) behind a real socket: names are not unique, ids are its own, times have whole seconds.
 * `GET /_test/runs` tells every run that was ever created; `POST /_test/vanish {run_id}` takes one away,
 * `POST /_test/apply_late` applies at once what was to be applied late. `POST /_test/spoil {run_id, how}` has one that it
 * cannot read itself (`unread`) or about which no request is answered (`500`); `how: null` mends it.
 */
export async function startKubeflowEngine({ port, file, token }: KubeflowEngineOptions): Promise<EngineServer> {
  const runs = new KubeflowRuns(file);
  const spoilt: Spoilt = new Map();
  const switches = new SwitchBoard(SCRIPT);
  const server = await startEngineServer({
    ...(port === undefined ? {} : { port }),
    token: token ?? null,
    contract: kubeflowContract,
    switches,
    check: moreFaults,
    errorBody: (status, message) => ({ error: message, code: RPC_CODES[status] ?? 2, message, details: [] }),
    handle: (call) => handle(call, { runs, spoilt, switches }),
    later: (call, late_ms) => runs.createLater(call.body as GivenRun, switches.script, late_ms),
    tests: {
      runs: () => runs.all(),
      apply_late: () => runs.applyLate(),
      vanish: (body) => {
        const run = runs.find((body as { run_id: string }).run_id);
        if (run) runs.vanish(run);
      },
      spoil: (body) => {
        const { run_id, how } = body as { run_id: string; how: "unread" | "500" | null };
        if (how === null) spoilt.delete(run_id);
        else spoilt.set(run_id, how);
      },
    },
  });
  const stop = () => {
    runs.stop();
    return server.stop();
  };
  return { url: server.url, stop };
}

/** Ids of runs, and what is wrong with them. */
type Spoilt = Map<string, "unread" | "500">;

interface Handling {
  runs: KubeflowRuns;
  spoilt: Spoilt;
  switches: SwitchBoard;
}

function handle(call: Call, { runs, spoilt, switches: { script } }: Handling): Reply {
  if (call.operation === "HealthzService_GetHealthz") return { status: 200, body: { multi_user: false } };
  if (call.operation === "RunService_CreateRun") {
    const given = call.body as GivenRun;
    const { pipeline_id } = given.pipeline_version_reference;
    if (pipeline_id.startsWith(UNKNOWN))
      return refused(404, `ResourceNotFoundError: Pipeline ${pipeline_id} not found`);
    return { status: 200, body: toldRun(runs.create(given, script)) };
  }
  const told = (run: KeptRun) => {
    if (spoilt.has(run.run_id)) return unreadRun(run);
    return toldRun(call.is_stale ? oneChangeBefore(run) : run);
  };
  const is_broken = ({ run_id }: KeptRun) => spoilt.get(run_id) === "500";
  if (call.operation === "RunService_ListRuns") {
    const page = listRuns(runs.all(), call.query);
    if (page.runs.some(is_broken)) return refused(500, "InternalServerError: Failed to list runs");
    return { status: 200, body: { ...page, runs: page.runs.map(told) } };
  }
  const run = runs.find(call.params.run_id!);
  if (!run) return refused(404, `ResourceNotFoundError: Run ${call.params.run_id} not found`);
  if (is_broken(run)) return refused(500, "InternalServerError: Failed to get the run");
  if (call.operation === "RunService_TerminateRun") {
    return runs.terminate(run) ? { status: 200, body: {} } : refused(400, "Failed to terminate a run that has ended");
  }
  if (call.operation === "RunService_RetryRun") {
    return runs.retry(run, script) ? { status: 200, body: {} } : refused(400, "A run is retried only when it failed");
  }
  return { status: 200, body: told(run) };
}

function refused(status: number, message: string): Reply {
  return { status, body: { error: message, code: RPC_CODES[status], message, details: [] } };
}

const oneChangeBefore = (run: KeptRun): KeptRun =>
  run.history.length === 1 ? run : { ...run, history: run.history.slice(0, -1) };

/** All that it tells of a run that it cannot read itself. */
function unreadRun({ run_id, given: { experiment_id = "" } }: KeptRun): Record<string, unknown> {
  return { run_id, experiment_id, error: { code: 13, message: "Failed to parse runtime config" } };
}

/** A run as the definitions have it. */
function toldRun(run: KeptRun): Record<string, unknown> {
  const last = run.history.at(-1)!;
  const has_ended = ["SUCCEEDED", "SKIPPED", "FAILED", "CANCELED"].includes(last.state);
  const outputs = Object.fromEntries(
    (run.outputs ?? []).map(({ name }, at) => [name, { artifact_ids: [String(at + 1)] }]),
  );
  const task = { run_id: run.run_id, task_id: "1", display_name: "main", state: last.state, outputs };
  return {
    ...run.given,
    run_id: run.run_id,
    storage_state: "AVAILABLE",
    created_at: inSeconds(run.created_at_ms),
    scheduled_at: inSeconds(run.created_at_ms),
    finished_at: inSeconds(has_ended ? last.at_ms : 0),
    state: stateOf(run),
    ...(last.message && has_ended ? { error: { code: 13, message: last.message } } : {}),
    ...(has_ended ? { run_details: { task_details: [task] } } : {}),
    // As Kubeflow's: that one is being cancelled is not kept.
    state_history: run.history
      .filter(({ state }) => state !== "CANCELING")
      .map(({ state, at_ms, message }) => ({
        update_time: inSeconds(at_ms),
        state,
        ...(message ? { error: { code: 13, message } } : {}),
      })),
  };
}

/** Kubeflow keeps whole seconds; what did not happen yet is the epoch. */
function inSeconds(at_ms: number): string {
  return new Date(Math.floor(at_ms / 1000) * 1000).toISOString().replace(".000Z", "Z");
}

/** What its own code asks for beyond the definitions. */
function moreFaults(call: Call): string[] {
  const filter = call.query.get("filter");
  if (filter !== null)
    return filterFaults(filter, (value: Filter) => kubeflowContract.faultsOf("v2beta1Filter", value));
  if (call.operation !== "RunService_CreateRun") return [];
  const given = call.body as Partial<GivenRun>;
  const faults = OUTPUT_FIELDS.filter((field) => field in given).map((field) => `body/${field} is output only`);
  if (!given.display_name) faults.push("body/display_name must be there");
  if (!given.pipeline_version_reference?.pipeline_id)
    faults.push("body/pipeline_version_reference must name a pipeline");
  if (!given.runtime_config) faults.push("body/runtime_config must be there");
  return faults;
}
