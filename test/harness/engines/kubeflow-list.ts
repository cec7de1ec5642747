import { type KeptRun, stateOf } from "./kubeflow-runs.ts";

/** A filter as the definitions have it (v2beta1Filter). */
export interface Filter {
  predicates?: Predicate[];
}

interface Predicate {
  operation: string;
  key: string;
  string_value?: string;
  string_values?: { values?: string[] };
}

const FIELDS: Record<string, (run: KeptRun) => string> = {
  run_id: (run) => run.run_id,
  display_name: (run) => run.given.display_name,
  state: stateOf,
};
/** Of Kubeflow: what a page has unless it is asked, and at most. */
const PAGE = 20;
const PAGE_MAX = 200;

/** What is wrong with a filter inside a query. */
export function filterFaults(text: string, faultsOf: (filter: Filter) => string[]): string[] {
  let filter: Filter;
  try {
    filter = JSON.parse(text) as Filter;
  } catch {
    return ["query filter must be JSON"];
  }
  const faults = faultsOf(filter);
  for (const { key, operation } of faults.length > 0 ? [] : (filter.predicates ?? [])) {
    if (!(key in FIELDS)) faults.push(`query filter names "${key}", which no filter is for`);
    if (!["EQUALS", "IN"].includes(operation)) faults.push(`query filter has the operation "${operation}"`);
  }
  return faults;
}

/** A page of runs, in the order asked for. */
export interface RunPage {
  runs: KeptRun[];
  total_size: number;
  /** The place of the next one. */
  next_page_token: string;
}

/** One page of the runs that are still there. */
export function listRuns(all: KeptRun[], query: URLSearchParams): RunPage {
  const { predicates = [] } = JSON.parse(query.get("filter") ?? "{}") as Filter;
  const experiment = query.get("experiment_id");
  const namespace = query.get("namespace");
  const [field = "created_at", direction = "asc"] = (query.get("sort_by") ?? "").split(" ").filter(Boolean);
  const found = all
    .filter((run) => !run.has_vanished && (!experiment || run.given.experiment_id === experiment))
    .filter((run) => !namespace || (namespaceOf(run) ?? namespace) === namespace)
    .filter((run) => predicates.every((predicate) => holds(predicate, run)))
    .sort((a, b) => order(a, field).localeCompare(order(b, field)) * (direction === "desc" ? -1 : 1));
  const size = Math.min(Number(query.get("page_size") ?? PAGE), PAGE_MAX);
  const from = Number(Buffer.from(query.get("page_token") ?? "", "base64url").toString() || 0);
  const next = from + size < found.length ? Buffer.from(String(from + size)).toString("base64url") : "";
  return { runs: found.slice(from, from + size), total_size: found.length, next_page_token: next };
}

/** An experiment `e-1@ml` is in the namespace `ml`; any other is in each, as where there is only one. */
function namespaceOf({ given }: KeptRun): string | undefined {
  return given.experiment_id?.split("@")[1];
}

function holds({ operation, key, string_value, string_values }: Predicate, run: KeptRun): boolean {
  const value = FIELDS[key]!(run);
  return operation === "IN" ? (string_values?.values ?? []).includes(value) : value === string_value;
}

/** Whole seconds: runs of one second come in the order of their ids. */
function order(run: KeptRun, field: string): string {
  const seconds = String(Math.floor(run.created_at_ms / 1000)).padStart(12, "0");
  return field === "created_at" ? `${seconds} ${run.run_id}` : run.run_id;
}
