import type { Callee, Fault } from "./faults.ts";

/** Judges the status of a probe: 2xx is well. @throws the callee's Auth error for 401 and 403, its Down error for all others */
export function assertReachable(status: number, { callee, fault }: { callee: Callee; fault: Fault }): void {
  if (status >= 200 && status < 300) return;
  const Class = status === 401 || status === 403 ? callee.Auth : callee.Down;
  throw fault(Class, `a probe's status must be 200: current value is ${status}`, { facts: { status } });
}
