import type { Trouble } from "./pipelines-story.ts";
import type { PipelinesVerdict } from "./pipelines-verdict.ts";

type Counts = Pick<PipelinesVerdict, "extras" | "retried" | "cancelled" | "vanished">;

/** What a long storm is to have brought: of whatever is missing its verdict says nothing. */
export function missingTrouble({ extras, retried, cancelled, vanished }: Counts, { met, happened }: Trouble): string[] {
  const of = (counts: Record<string, number>, ...starts: string[]): number =>
    Object.entries(counts)
      .filter(([name]) => starts.some((start) => name.startsWith(start)))
      .reduce((sum, [, count]) => sum + count, 0);
  const wanted: readonly (readonly [what: string, count: number])[] = [
    ["run that was posted late, or is there twice", extras + of(met, "late")],
    ["run that failed and went on", retried],
    ["run that its engine ended for a cancel", cancelled],
    ["connection that was cut", of(met, "cut_")],
    ["request that was answered with a status", of(met, "status", "applied_status")],
    ["request that was answered with 401 or 403", of(met, "status 401", "status 403")],
    ["run that was cleared away after its end", vanished],
    ["watch that ended while things happened", of(happened, "gap", "fail_watch")],
    ["watch that went silent", of(happened, "silence")],
    ["version that began anew", of(happened, "anew")],
  ];
  return wanted.filter(([, count]) => count === 0).map(([what]) => `the storm had no ${what}`);
}
