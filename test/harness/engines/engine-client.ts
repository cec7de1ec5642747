import type { Switches } from "./switches.ts";

/** Sets switches of a test engine. */
export async function turnSwitches(url: string, switches: Partial<Switches>): Promise<void> {
  await asked(`${url}/_test/switch`, switches);
}

/** What a test engine has counted: faults by its published definitions, and requests by operation. */
export async function contractOf(url: string): Promise<{ faults: string[]; requests: Record<string, number> }> {
  return (await asked(`${url}/_test/contract`)) as { faults: string[]; requests: Record<string, number> };
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
