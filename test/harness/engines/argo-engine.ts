import { readFileSync } from "node:fs";
import { listRuns, toldRun, withFields } from "./argo-answers.ts";
import { ArgoRuns, ENDED, type GivenRun, type KeptRun, phaseOf } from "./argo-runs.ts";
import { ArgoWatches, type WatchEnd } from "./argo-watches.ts";
import { type Call, type EngineServer, type Reply, startEngineServer } from "./engine-server.ts";
import { openContract, type PublishedDefinitions } from "./published-contract.ts";
import { type Script, SwitchBoard } from "./switches.ts";

export const argoContract = openContract(
  JSON.parse(readFileSync(new URL("./argo.definitions.json", import.meta.url), "utf8")) as PublishedDefinitions,
);

const SCRIPT: Script = {
  steps: [
    { state: "pending", after_ms: 20 },
    { state: "running", after_ms: 50 },
    { state: "succeeded", after_ms: 100 },
  ],
};
/** Of google.rpc.Code. */
const RPC_CODES: Record<number, number> = { 400: 3, 401: 16, 403: 7, 404: 5, 409: 6, 429: 8, 500: 13, 503: 14 };
/** A template with this in front of its name is not known; one with the other lacks a parameter. */
const [UNKNOWN, NEEDY] = ["unknown-", "needy-"];
/** Of Kubernetes. */
const LABEL_VALUE = /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/;
const KEY = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const RUN_NAME = /^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?$/;

export interface ArgoEngineOptions {
  port?: number;
  /** Where its runs are kept, also over a SIGKILL. */
  file: string;
  token?: string | null;
}

interface SubmitRequest {
  resourceName?: string;
  resourceKind?: string;
  submitOptions?: { name?: string; labels?: string; annotations?: string; parameters?: string[] };
}

interface Parts {
  runs: ArgoRuns;
  watches: ArgoWatches;
  switches: SwitchBoard;
}

/**
 * An Argo Workflows server (v1, 3.5) behind a real socket: names are unique in a namespace, watches begin after a version.
 * `GET /_test/runs` tells every run that was ever created, `GET /_test/watches` how many watches are open. `POST /_test/` …
 * `vanish {name}` takes a run away, as a time to live does (without a name: all that ended), `end_watch {how: eof|clean|cut|silence}`, `shuffle {on}`,
 * `ttl {ms}` has runs vanish that long after their end, `gap {ms}` ends all watches and lets none begin for so long, after which
 * nothing tells what happened meanwhile, `anew` begins versions anew, as in a cluster that was put back,
 * `expire` makes versions so far too old, `fail_watch {http_code, message}`, `say {text}` writes that into watches, `bookmark`.
 */
export async function startArgoEngine({ port, file, token }: ArgoEngineOptions): Promise<EngineServer> {
  const runs = new ArgoRuns(file);
  const watches = new ArgoWatches(runs);
  const switches = new SwitchBoard(SCRIPT);
  const parts = { runs, watches, switches };
  const server = await startEngineServer({
    ...(port === undefined ? {} : { port }),
    token: token ?? null,
    contract: argoContract,
    switches,
    check: moreFaults,
    errorBody: (status, message) => ({ code: RPC_CODES[status] ?? 2, message }),
    handle: (call) => handle(call, parts),
    later: (call, late_ms) => {
      if (call.operation === "WorkflowService_SubmitWorkflow")
        runs.createLater(givenIn(call), switches.script, late_ms);
    },
    tests: testsOf(parts),
  });
  const stop = () => {
    runs.stop();
    watches.stop();
    return server.stop();
  };
  return { url: server.url, stop };
}

function testsOf({ runs, watches }: Parts): Record<string, (body: unknown) => unknown> {
  const read = (body: unknown) => (body ?? {}) as Record<string, string & number & boolean>;
  return {
    runs: () => runs.all(),
    watches: () => ({ open: watches.size }),
    vanish: (body) => {
      const { name } = read(body);
      const is_doomed = (run: KeptRun) => (name === undefined ? ENDED.has(phaseOf(run)) : run.given.name === name);
      for (const run of runs.all()) if (!run.has_vanished && is_doomed(run)) runs.vanish(run);
    },
    end_watch: (body) => watches.end((read(body).how ?? "eof") as WatchEnd),
    shuffle: (body) => {
      watches.is_shuffled = read(body).on ?? !watches.is_shuffled;
    },
    ttl: (body) => runs.clearAwayAfter(read(body).ms ?? null),
    gap: (body) => watches.pause(read(body).ms ?? 1_000),
    anew: () => {
      runs.beginAnew();
      watches.end("cut");
    },
    expire: () => runs.expire(),
    fail_watch: (body) => watches.fail(read(body).http_code ?? 400, read(body).message ?? "too old resource version"),
    say: (body) => watches.say(read(body).text ?? "data: {not json \n\n"),
    bookmark: () => watches.bookmark(),
  };
}

function handle(call: Call, { runs, watches, switches }: Parts): Reply {
  const { operation, params, query } = call;
  const namespace = params.namespace ?? "";
  if (operation === "InfoService_GetInfo") return { status: 200, body: { managedNamespace: "" } };
  if (operation === "InfoService_GetVersion") return { status: 200, body: VERSION };
  if (operation === "WorkflowService_SubmitWorkflow") return submit(call, { runs, switches });
  if (operation === "WorkflowService_ListWorkflows") {
    const list = listRuns(runs.in(namespace), query, runs.version);
    return { status: 200, body: withFields(list, query.get("fields")) };
  }
  if (operation === "WorkflowService_WatchWorkflows") {
    const version = query.get("listOptions.resourceVersion");
    if (watches.is_paused) return refused(503, "the server is currently unable to handle the request");
    if (version !== null && runs.eventsAfter(Number(version)) === null)
      return refused(400, `too old resource version: ${version} (${runs.oldest_version})`);
    return { stream: (response) => watches.open(response, namespace, query) };
  }
  const run = runs.find(namespace, params.name!);
  if (!run) return refused(404, `workflows.argoproj.io "${params.name}" not found`);
  if (operation === "WorkflowService_RetryWorkflow" && !runs.retry(run, switches.script))
    return refused(400, "workflow must be Failed/Error to retry");
  const [, strategy] = /_(Stop|Terminate)Workflow$/.exec(operation) ?? [];
  if (strategy && !runs.shutDown(run, strategy))
    return refused(500, `cannot shutdown a completed workflow: workflow: "${params.name}", namespace: "${namespace}"`);
  return { status: 200, body: withFields(toldRun(run), query.get("fields")) };
}

function submit(call: Call, { runs, switches }: Pick<Parts, "runs" | "switches">): Reply {
  const given = givenIn(call);
  if (given.template.startsWith(UNKNOWN))
    return refused(404, `workflowtemplates.argoproj.io "${given.template}" not found`);
  if (given.template.startsWith(NEEDY))
    return refused(400, "spec.arguments.needed.value or spec.arguments.needed.valueFrom is required");
  const run = runs.create(given, switches.script);
  return run
    ? { status: 200, body: toldRun(run) }
    : refused(409, `workflows.argoproj.io "${given.name}" already exists`);
}

function givenIn({ params, body }: Call): GivenRun {
  const { resourceName = "", submitOptions = {} } = body as SubmitRequest;
  const { name = "", labels = "", annotations = "", parameters = [] } = submitOptions;
  return {
    name,
    namespace: params.namespace!,
    template: resourceName,
    labels: Object.fromEntries(pairsOf(labels)),
    annotations: Object.fromEntries(pairsOf(annotations)),
    parameters: parameters.map((each) => {
      const at = each.indexOf("=");
      return { name: each.slice(0, at), value: each.slice(at + 1) };
    }),
  };
}

const pairsOf = (spec: string): string[][] => (spec === "" ? [] : spec.split(",").map((pair) => pair.split("=")));

/** What Argo's and Kubernetes' own code asks for beyond the definitions. */
function moreFaults(call: Call): string[] {
  if (call.operation !== "WorkflowService_SubmitWorkflow") return [];
  const { resourceKind, resourceName, submitOptions = {} } = call.body as SubmitRequest;
  const { name = "", labels = "", annotations = "", parameters = [] } = submitOptions;
  const faults: string[] = [];
  if (resourceKind !== "WorkflowTemplate") faults.push(`body/resourceKind must be WorkflowTemplate: "${resourceKind}"`);
  if (!resourceName) faults.push("body/resourceName must be there");
  if (!RUN_NAME.test(name)) faults.push(`body/submitOptions/name must be a name that fits a label: "${name}"`);
  for (const pair of [...pairsOf(labels), ...pairsOf(annotations)])
    if (pair.length !== 2 || !KEY.test(pair[0]!)) faults.push(`unexpected label spec: ${pair.join("=")}`);
  for (const [key, value = ""] of pairsOf(labels))
    if (!LABEL_VALUE.test(value)) faults.push(`metadata.labels: Invalid value: "${value}" of ${key}`);
  for (const parameter of parameters)
    if (parameter.indexOf("=") < 1) faults.push(`expected parameter of the form: NAME=VALUE. Received: ${parameter}`);
  return faults;
}

const refused = (status: number, message: string): Reply => ({ status, body: { code: RPC_CODES[status], message } });

const VERSION = {
  version: "v3.5.13",
  buildDate: "2024-12-03T00:00:00Z",
  gitCommit: "none",
  gitTag: "v3.5.13",
  gitTreeState: "clean",
  goVersion: "go1.21",
  compiler: "gc",
  platform: "linux/amd64",
};
