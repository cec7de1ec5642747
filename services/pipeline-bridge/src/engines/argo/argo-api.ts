import type { GatehouseError } from "@gatehouse/errors";
import { EngineAnswerError, EngineAwayError } from "../../errors.ts";
import type { EngineRun, NewEngineRun } from "../engine.ts";
import type { EngineFault } from "../http/engine-fault.ts";
import {
  type EngineAnswer,
  type EngineRequest,
  EngineServer,
  type EngineServerOptions,
} from "../http/engine-server.ts";
import { checkWorkflow, readWorkflow } from "./read-workflow.ts";
import { OURS, submitRequest } from "./submit-request.ts";
import { readNews, type WatchNews } from "./watch-frames.ts";
import { ASKED_FIELDS, compileShapes, type Shapes, type Workflow } from "./workflow-shape.ts";

/** Where a run is. */
export interface RunPlace {
  run_name: string;
  namespace: string;
}

/** A page of runs of ours. */
export interface RunPage {
  runs: EngineRun[];
  /** Of what could not be read. */
  faults: GatehouseError[];
  /** A watch goes on after it; "" where Argo does not say. */
  version: string;
  /** For the next page; "" after the last. */
  next: string;
}

/** Runs of a page; fewer where Argo cannot tell so many at once, as they are too large or take too long. */
const PAGES = [500, 50, 5];
/** Argo's controller marks what has ended, a little after it has. */
const OPEN_AND_OURS = `${OURS},workflows.argoproj.io/completed!=true`;

/** What is asked of an Argo Workflows server: https://argo-workflows.readthedocs.io/en/latest/swagger/ */
export class ArgoApi {
  readonly shapes: Shapes = compileShapes();
  readonly #server: EngineServer;

  constructor(options: Omit<EngineServerOptions, "engine" | "is_503_sure">) {
    this.#server = new EngineServer({ ...options, engine: "argo", is_503_sure: true });
  }

  /** Accepts 409: a run of that name is there. */
  submit(run: NewEngineRun, signal: AbortSignal): Promise<EngineAnswer> {
    const path = `${pathOf(run.entry.namespace)}/submit`;
    const action = `submit run "${run.run_name}"`;
    return this.#server.ask({ action, method: "POST", path, body: submitRequest(run), accept: [409] }, signal);
  }

  /** Null: there is none of that name. */
  async workflow({ run_name, namespace }: RunPlace, signal: AbortSignal): Promise<Workflow | null> {
    const answer = await this.#get({ run_name, namespace }, ASKED_FIELDS.run, signal);
    return answer.status === 404 ? null : checkWorkflow(answer.json, { shapes: this.shapes, fault: answer.fault });
  }

  /** A run with all that it made; without its nodes where Argo twice could not tell them, or not in time. Null: there is none of that name. */
  async run(place: RunPlace, signal: AbortSignal): Promise<EngineRun | null> {
    for (let tries = 0; tries < 2; tries++) {
      try {
        return await this.#run(place, ASKED_FIELDS.whole_run, signal);
      } catch (error) {
        if (!mayBeItsNodes(error)) throw error;
        if (isLate(error)) break;
      }
    }
    return this.#run(place, ASKED_FIELDS.run, signal);
  }

  /** Accepts 404, and 409: something else changed the run at the same time. */
  change(
    verb: "terminate" | "retry",
    { run_name: name, namespace }: RunPlace,
    signal: AbortSignal,
  ): Promise<EngineAnswer> {
    const path = `${pathOf(namespace, name)}/${verb}`;
    const body = { name, namespace };
    return this.#server.ask({ action: `${verb} run "${name}"`, method: "PUT", path, body, accept: [404, 409] }, signal);
  }

  /** What has not ended, page by page. */
  async *listOpen(namespace: string, signal: AbortSignal): AsyncGenerator<RunPage> {
    const limits = [...PAGES];
    let next: string | null = null;
    while (next !== "") {
      const from: EngineRequest["query"] = next === null ? {} : { "listOptions.continue": next };
      const which = { "listOptions.labelSelector": OPEN_AND_OURS, "listOptions.limit": limits[0]!, ...from };
      try {
        const page = await this.#list(namespace, { ...which, fields: ASKED_FIELDS.list }, signal);
        yield page;
        next = page.next;
      } catch (error) {
        limits.shift();
        if (limits.length === 0 || !mayBeItsSize(error)) throw error;
      }
    }
  }

  /** A run without its nodes as it stands in a list, also where it cannot be had by itself. Null: it stands in none. */
  async listed({ run_name, namespace }: RunPlace, signal: AbortSignal): Promise<EngineRun | "unread" | null> {
    const which = { "listOptions.labelSelector": OURS, "listOptions.fieldSelector": `metadata.name=${run_name}` };
    const { runs, faults } = await this.#list(namespace, { ...which, fields: ASKED_FIELDS.listed }, signal);
    return runs.find((run) => run.run_name === run_name) ?? (faults.length > 0 ? "unread" : null);
  }

  /** Opens a watch on our runs after a version. @throws {EngineRefusedError} when the version is too old */
  async watch(
    namespace: string,
    version: string,
    ends: { signal: AbortSignal; idle_ms: number },
  ): Promise<AsyncGenerator<WatchNews>> {
    const query = {
      "listOptions.labelSelector": OURS,
      "listOptions.allowWatchBookmarks": true,
      fields: ASKED_FIELDS.watch,
      ...(version === "" ? {} : { "listOptions.resourceVersion": version }),
    };
    const path = `/api/v1/workflow-events/${encodeURIComponent(namespace)}`;
    const action = `watch the runs in "${namespace}"`;
    const bytes = await this.#server.stream({ action, method: "GET", path, query }, ends);
    return readNews(bytes, { shapes: this.shapes, fault: this.#server.fault(action) });
  }

  /** Whether it is an Argo that answers, and to our token. */
  async probe(signal: AbortSignal): Promise<void> {
    await this.#server.ask({ action: "ask for the version", method: "GET", path: "/api/v1/version" }, signal);
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  /** What is wrong with one is no reason to miss the others. */
  tryRead(value: unknown, fault: EngineFault): { run: EngineRun } | { error: GatehouseError } {
    try {
      return { run: readWorkflow(value, { shapes: this.shapes, fault }) };
    } catch (error) {
      if (error instanceof EngineAnswerError) return { error };
      throw error;
    }
  }

  async #list(namespace: string, which: NonNullable<EngineRequest["query"]>, signal: AbortSignal): Promise<RunPage> {
    const query = { ...which, fields: ASKED_FIELDS.list };
    const action = `list the runs in "${namespace}"`;
    const { json, fault } = await this.#server.ask({ action, method: "GET", path: pathOf(namespace), query }, signal);
    if (!this.shapes.page.holds(json)) {
      const [first] = this.shapes.page.violations(json, 1);
      throw fault(EngineAnswerError, `the list's ${first?.path || "body"} ${first?.message ?? "does not fit"}`);
    }
    const [runs, faults]: [EngineRun[], GatehouseError[]] = [[], []];
    for (const item of json.items ?? []) {
      const read = this.tryRead(item, fault);
      if ("run" in read) runs.push(read.run);
      else faults.push(read.error);
    }
    return { runs, faults, version: json.metadata.resourceVersion ?? "", next: json.metadata.continue ?? "" };
  }

  async #run(place: RunPlace, fields: string, signal: AbortSignal): Promise<EngineRun | null> {
    const answer = await this.#get(place, fields, signal);
    return answer.status === 404 ? null : readWorkflow(answer.json, { shapes: this.shapes, fault: answer.fault });
  }

  #get({ run_name, namespace }: RunPlace, fields: string, signal: AbortSignal): Promise<EngineAnswer> {
    const path = pathOf(namespace, run_name);
    const action = `look at run "${run_name}"`;
    return this.#server.ask({ action, method: "GET", path, query: { fields }, accept: [404] }, signal);
  }
}

const pathOf = (...names: string[]): string => `/api/v1/workflows/${names.map(encodeURIComponent).join("/")}`;

/** Too many of them, or kept in a database that Argo does not reach: it says so, says something strange, or nothing in time. */
const mayBeItsNodes = (error: unknown): error is GatehouseError =>
  error instanceof EngineAnswerError || (error instanceof EngineAwayError && error.facts.sent !== false);
const isLate = ({ facts }: GatehouseError): boolean => facts.sent === true && facts.socket === undefined;
const mayBeItsSize = (error: unknown): boolean =>
  mayBeItsNodes(error) && (error.code === EngineAnswerError.code || isLate(error) || TOO_MUCH.has(error.facts.status));
const TOO_MUCH: ReadonlySet<unknown> = new Set([500, 504]);
