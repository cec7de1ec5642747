import type { SharedConfig } from "@gatehouse/runtime";
import { EngineAnswerError, EngineRefusedError, RunGoneError } from "../../errors.ts";
import type { Asked, Engine, EngineRun, NewEngineRun, PlacedRun, WatchTold } from "../engine.ts";
import type { EngineFault } from "../http/engine-fault.ts";
import { type EngineAnswer, type EngineRequest, EngineServer } from "../http/engine-server.ts";
import { compileAnswerChecks } from "./kubeflow-answers.ts";
import { POLL_PACE, type PollPace, pollRuns } from "./poll-runs.ts";
import { isBeingCancelled, knownRun, readRun } from "./read-run.ts";

export type KubeflowSettings = NonNullable<SharedConfig["pipelines"]["kubeflow"]>;

const RUNS = "/apis/v2beta1/runs";
/** Of a page of runs with one name, of which there should be one: a run may bring its whole pipeline. */
const NAMED_PAGE = 20;
const MOST_PAGES = 500;
/** The id of no run. */
const NO_RUN = "-";
const OPEN: ReadonlySet<string> = new Set(["pending", "running"]);

/**
 * Kubeflow Pipelines over its REST API v2beta1 (2.x). Names are not unique and ids are the server's, so that a submit that may
 * have been applied is never simply repeated; runs are polled, as there is no watch.
 */
export class KubeflowEngine implements Engine {
  readonly name = "kubeflow";
  readonly has_unique_names = false;
  readonly #server: EngineServer;
  readonly #base_url: string;
  readonly #pace: PollPace;
  readonly #checks = compileAnswerChecks();

  constructor({ url, token, ca_file, timeout_ms }: KubeflowSettings, { pace = POLL_PACE } = {}) {
    this.#base_url = url.replace(/\/+$/, "");
    this.#pace = pace;
    // A 503 may come from a proxy that has sent the request on.
    this.#server = new EngineServer({
      engine: this.name,
      url,
      token: token ?? null,
      ca_file,
      timeout_ms,
      is_503_sure: false,
    });
  }

  /** Makes a run, whether or not there is one of that name. */
  async submit({ run_name, request_id, entry, parameters }: NewEngineRun, { signal }: Asked): Promise<EngineRun> {
    const version = entry.version_id === null ? {} : { pipeline_version_id: entry.version_id };
    const body = {
      display_name: run_name,
      description: `Gatehouse request ${request_id}`,
      ...(entry.experiment_id === null ? {} : { experiment_id: entry.experiment_id }),
      pipeline_version_reference: { pipeline_id: entry.pipeline_id ?? "", ...version },
      runtime_config: { parameters },
    };
    const answer = await this.#server.ask(
      { action: `submit run "${run_name}"`, method: "POST", path: RUNS, body },
      signal,
    );
    return this.#readKnown(answer, run_name);
  }

  /** All runs of that name by the time of their creation, which Kubeflow keeps in whole seconds; those of one second by their ids. */
  async find(run_name: string, namespace: string, { signal }: Asked): Promise<EngineRun[]> {
    const predicates = [{ key: "display_name", operation: "EQUALS", string_value: run_name }];
    const query = {
      namespace,
      page_size: NAMED_PAGE,
      sort_by: "created_at asc",
      filter: JSON.stringify({ predicates }),
    };
    const found: EngineRun[] = [];
    let page_token = "";
    for (let page = 0; page < MOST_PAGES; page++) {
      const answer = await this.#list(
        `find run "${run_name}"`,
        { ...query, ...(page_token && { page_token }) },
        signal,
      );
      found.push(...answer.runs.map((json) => this.#readKnown({ json, fault: answer.fault }, run_name)));
      page_token = answer.next_page_token;
      if (!page_token) break;
    }
    return found
      .filter((run) => run.run_name === run_name)
      .sort((a, b) => a.created_at_ms - b.created_at_ms || (a.run_id < b.run_id ? -1 : 1));
  }

  async cancel(run: PlacedRun, { signal }: Asked): Promise<void> {
    const answer = await this.#verb("terminate", run, signal);
    if (answer.status < 300) return;
    const now = await this.#get(run, signal);
    if (now.status === 404) throw gone(now.fault, run);
    const { status } = this.#readKnown(now, run.run_name);
    // Kubeflow refuses to end twice.
    if (OPEN.has(status) && !isBeingCancelled(now.json, this.#checks))
      throw answer.fault(EngineRefusedError, `it must end the run: current answer is ${said(answer)}`);
  }

  async retry(run: PlacedRun, { signal }: Asked): Promise<EngineRun> {
    const answer = await this.#verb("retry", run, signal);
    const now = await this.#known(run, signal);
    if (answer.status < 300 || OPEN.has(now.status) || now.status === "succeeded") return now;
    throw answer.fault(EngineRefusedError, `it must have the run go on: current answer is ${said(answer)}`);
  }

  watch(namespace: string, told: WatchTold, { signal }: Asked): Promise<void> {
    const list = (runs: readonly PlacedRun[], ends: AbortSignal) => this.#listOpen(runs, namespace, ends);
    const get = (run: PlacedRun, ends: AbortSignal) => this.#getOpen(run, ends);
    const answers = async (ends: AbortSignal) =>
      void (await this.#listOpen([{ run_name: "", run_id: NO_RUN, namespace }], namespace, ends));
    return pollRuns({ list, get, answers }, told, { pace: this.#pace, signal });
  }

  async probe(signal: AbortSignal): Promise<void> {
    await this.#server.ask(
      { action: "look whether it is there", method: "GET", path: "/apis/v2beta1/healthz" },
      signal,
    );
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** Asks for a change of a run that it may refuse for the run's state. @throws {RunGoneError} */
  async #verb(verb: "terminate" | "retry", run: PlacedRun, signal: AbortSignal): Promise<EngineAnswer> {
    const path = `${RUNS}/${encodeURIComponent(run.run_id)}:${verb}`;
    const answer = await this.#server.ask(
      { action: `${verb} run "${run.run_name}"`, method: "POST", path, accept: [400, 404, 409, 412] },
      signal,
    );
    if (answer.status === 404) throw gone(answer.fault, run);
    return answer;
  }

  /** How a run is, as far as it can be read. @throws {RunGoneError} */
  async #known(run: PlacedRun, signal: AbortSignal): Promise<EngineRun> {
    const answer = await this.#get(run, signal);
    if (answer.status === 404) throw gone(answer.fault, run);
    return this.#readKnown(answer, run.run_name);
  }

  #get({ run_name, run_id }: PlacedRun, signal: AbortSignal): Promise<EngineAnswer> {
    const path = `${RUNS}/${encodeURIComponent(run_id)}`;
    return this.#server.ask({ action: `look at run "${run_name}"`, method: "GET", path, accept: [404] }, signal);
  }

  async #getOpen(run: PlacedRun, signal: AbortSignal): Promise<EngineRun | null> {
    const answer = await this.#get(run, signal);
    return answer.status === 404 ? null : this.#read(answer);
  }

  async #listOpen(runs: readonly PlacedRun[], namespace: string, signal: AbortSignal): Promise<EngineRun[]> {
    const values = runs.map((run) => run.run_id);
    const predicates = [{ key: "run_id", operation: "IN", string_values: { values } }];
    const query = { namespace, page_size: runs.length, filter: JSON.stringify({ predicates }) };
    const answer = await this.#list("look at the open runs", query, signal);
    return answer.runs.flatMap((json) => {
      try {
        return [this.#read({ json, fault: answer.fault })];
      } catch (error) {
        if (error instanceof EngineAnswerError) return [];
        throw error;
      }
    });
  }

  async #list(action: string, query: NonNullable<EngineRequest["query"]>, signal: AbortSignal) {
    const { json, fault } = await this.#server.ask({ action, method: "GET", path: RUNS, query }, signal);
    if (!this.#checks.page.holds(json)) {
      const [first] = this.#checks.page.violations(json, 1);
      throw fault(EngineAnswerError, `the list's ${first?.path || "body"} ${first?.message ?? "does not fit"}`);
    }
    return { runs: json.runs ?? [], next_page_token: json.next_page_token ?? "", fault };
  }

  /** A run, or that there is one. @throws {EngineAnswerError} when not even that can be read */
  #readKnown({ json, fault }: { json: unknown; fault: EngineFault }, asked_name: string): EngineRun {
    try {
      return this.#read({ json, fault });
    } catch (error) {
      const known = error instanceof EngineAnswerError && knownRun(json, this.#checks, asked_name);
      if (!known) throw error;
      return known;
    }
  }

  #read({ json, fault }: { json: unknown; fault: EngineFault }): EngineRun {
    return readRun(json, { checks: this.#checks, base_url: this.#base_url, fault });
  }
}

function gone(fault: EngineFault, { run_id }: PlacedRun) {
  return fault(RunGoneError, `it must know the run "${run_id}": the answer is 404`);
}

const said = ({ status, words }: EngineAnswer): string => `${status}${words === "" ? "" : ` "${words}"`}`;
