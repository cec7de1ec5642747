import type { Switches } from "./switches.ts";

/** Sets switches of a test engine. */
export async function turnSwitches(url: string, switches: Partial<Switches>): Promise<void> {
  await asked(`${url}/_test/switch`, switches);
}

/** What a test engine has counted since it started: faults by its published definitions, requests by operation, and switched faults that they met, by kind. */
export interface Counted {
  faults: string[];
  requests: Record<string, number>;
  met: Record<string, number>;
}

export async function contractOf(url: string): Promise<Counted> {
  return (await asked(`${url}/_test/contract`)) as Counted;
}

/** Everything that was ever created in a test engine, as it keeps it. */
export async function runsOf<Run>(url: string): Promise<Run[]> {
  return (await asked(`${url}/_test/runs`)) as Run[];
}

/** A Kubeflow applies now the posts that it was to apply late. */
export async function applyLate(url: string): Promise<void> {
  await asked(`${url}/_test/apply_late`, {});
}

async function asked(url: string, body?: object): Promise<unknown> {
  const init = body === undefined ? {} : { method: "POST", body: JSON.stringify(body) };
  const response = await fetch(url, init);
  return response.json();
}
