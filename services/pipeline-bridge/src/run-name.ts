import { createHash } from "node:crypto";

/** A run's name at its engine: the same for the same request, and one that Kubernetes takes. */
export function runName(request_id: string): string {
  return `gh-${createHash("sha256").update(request_id).digest("hex").slice(0, 40)}`;
}
