import type { ArgoEngine, EngineRun } from "@gatehouse/pipeline-bridge";
import { onTestFinished } from "vitest";
import { until } from "../../harness/until.ts";
import { placed } from "./argo-world.fixture.ts";

/** What a watch tells of these runs, until the test is over. */
export function watch(argo: ArgoEngine, names: string[], { alsoWhenTold = () => {} } = {}) {
  const [runs, gone]: [EngineRun[], string[]] = [[], []];
  const stop = new AbortController();
  const open = async () => names.filter((name) => !gone.includes(name)).map(placed);
  const told = {
    open,
    run: async (run: EngineRun) => {
      alsoWhenTold();
      runs.push(run);
    },
    gone: async ({ run_name }: { run_name: string }) => void gone.push(run_name),
  };
  const over = argo.watch("ai", told, stop);
  over.catch(() => undefined);
  onTestFinished(() => {
    stop.abort();
    return over.catch(() => undefined);
  });
  const statuses = (name: string) => runs.filter(({ run_name }) => run_name === name).map(({ status }) => status);
  const is = (name: string, status: string) => until(`${name} is ${status}`, () => statuses(name).at(-1) === status);
  return { runs, gone, over, stop, statuses, is };
}

/** How many watches an Argo has. */
export const openWatches = async (url: string): Promise<number> =>
  ((await (await fetch(`${url}/_test/watches`)).json()) as { open: number }).open;
