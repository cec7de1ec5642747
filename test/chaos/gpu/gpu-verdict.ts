import type { BlowNote, CallNote, GpuStory } from "./story.ts";

/** What the story says. An empty list of faults: the promise held. */
export interface GpuVerdict {
  /** The most memory that was taken at one time, of how much. */
  most_mb: number;
  budget_mb: number;
  loads: number;
  calls: number;
  /** The longest wait for a call to begin, by priority, milliseconds. */
  longest_wait_ms: number[];
  median_wait_ms: number[];
  /** The fewest calls that one of the callers had. */
  fewest_calls: number;
  /** The longest that a dead holder still stood in the key, milliseconds. */
  longest_gone_ms: number;
  writes: number;
  conflicts: number;
  /** Outcomes of calls that were none. */
  refused: Record<string, number>;
  faults: string[];
}

export interface GpuLimits {
  /** No caller waits longer for its turn. */
  wait_ms: number;
  /** A dead holder is out of the key after that time. */
  gone_ms: number;
  /** A holder that was paused for that long may have lost what it had. */
  lapse_ms: number;
  /** That many callers there were: each must have had a turn once it was calm. */
  callers: number;
}

/** Judges by what the card, the callers and the striker wrote down, never by what the scheduler says of itself. */
export function judgeGpu(story: GpuStory, limits: GpuLimits): GpuVerdict {
  const { card, calls, writes, conflicts } = story;
  const budget_mb = card.vram_mb - card.reserved_mb;
  const most_mb = mostMb(story);
  const done = calls.filter(({ outcome }) => outcome === "done");
  const waits = [0, 1, 2, 3].map((priority) => waitsOf(story, priority));
  const refused = countBy(calls.filter(({ outcome }) => outcome !== "done").map(({ outcome }) => outcome));
  const busy = unstruck(story).filter(({ outcome }) => outcome === "MODEL_BUSY").length;
  const per_caller = countBy(done.map(callerOf));
  const starved = limits.callers - served(story).size;
  const gone = goneTimes(story);
  const longest_gone_ms = Math.max(0, ...gone.map(({ ms }) => ms));
  return {
    most_mb,
    budget_mb,
    loads: story.events.filter(({ what }) => what === "load begins").length,
    calls: done.length,
    longest_wait_ms: waits.map((ms) => Math.round(Math.max(0, ...ms))),
    median_wait_ms: waits.map((ms) => Math.round(ms.sort((a, b) => a - b)[Math.floor(ms.length / 2)] ?? 0)),
    fewest_calls: Math.min(...Object.values(per_caller)),
    longest_gone_ms: Math.round(longest_gone_ms),
    writes,
    conflicts,
    refused,
    faults: [
      ...(most_mb > budget_mb ? [`${most_mb} MB were taken of a budget of ${budget_mb}`] : []),
      ...(starved > 0 ? [`${starved} of ${limits.callers} callers had no turn once it was calm`] : []),
      ...(busy > 0 ? [`${busy} calls of processes that were well did not get their turn in a minute`] : []),
      ...waits
        .flat()
        .filter((ms) => ms > limits.wait_ms)
        .map((ms) => `a call waited ${Math.round(ms)} ms`),
      ...gone
        .filter(({ ms }) => ms > limits.gone_ms)
        .map(({ holder, ms }) => `${holder} was in the key ${Math.round(ms)} ms after its end`),
      ...unloadedInUse(story, limits),
      ...groupsTogether(story, limits),
      ...refusedInVain(story, limits),
    ],
  };
}

/** A caller of a process, and of those that took its place. */
const callerOf = ({ holder, caller }: CallNote): string => `${holder.split(".")[0]}/${caller}`;

/** The callers that had a turn since it is calm. */
export const served = ({ calls, calm_ms }: GpuStory): Set<string> =>
  new Set(calls.filter(({ outcome, ended_ms }) => outcome === "done" && ended_ms > calm_ms).map(callerOf));

/** From the beginning of a load to the end of an unload a model's memory is taken. */
function mostMb({ card, events }: GpuStory): number {
  const sizes = new Map(card.models.map(({ name, vram_mb }) => [name, vram_mb]));
  let taken_mb = 0;
  let most_mb = 0;
  for (const { what, model } of events) {
    if (what === "load begins") taken_mb += sizes.get(model)!;
    if (what === "unloaded") taken_mb -= sizes.get(model)!;
    most_mb = Math.max(most_mb, taken_mb);
  }
  return most_mb;
}

function waitsOf(story: GpuStory, priority: number): number[] {
  return unstruck(story)
    .filter((call) => call.priority === priority && call.begun_ms !== null)
    .map(({ asked_ms, begun_ms }) => begun_ms! - asked_ms);
}

/** Calls whose process was not struck meanwhile: who stands still for most of a minute has nobody else to blame. */
function unstruck({ calls, blows }: GpuStory): CallNote[] {
  return calls.filter(
    ({ holder, asked_ms, ended_ms }) =>
      !blows.some(
        (blow) =>
          blow.holder === holder && blow.at_ms < ended_ms && (blow.until_ms ?? Number.POSITIVE_INFINITY) > asked_ms,
      ),
  );
}

/** How long after its end, or the beginning of its pause, a holder was last seen in the key. */
function goneTimes({ blows, gone }: GpuStory): { holder: string; ms: number }[] {
  return blows.flatMap(({ holder, at_ms, until_ms }) => {
    const last = gone
      .filter(
        (note) => note.holder === holder && note.at_ms > at_ms && note.at_ms < (until_ms ?? Number.POSITIVE_INFINITY),
      )
      .at(-1);
    return last ? [{ holder, ms: last.at_ms - at_ms }] : [];
  });
}

/** A model that goes while somebody calls it who was not dead or paused. */
function unloadedInUse({ events, blows }: GpuStory, { lapse_ms }: GpuLimits): string[] {
  const running = new Map<string, string[]>();
  const faults: string[] = [];
  for (const { what, model, holder = "", at_ms } of events) {
    const users = running.get(model) ?? [];
    running.set(model, users);
    if (what === "call begins") users.push(holder);
    if (what === "call ends" && users.includes(holder)) users.splice(users.indexOf(holder), 1);
    if (what !== "unload begins") continue;
    for (const user of new Set(users))
      if (!wasStruck(blows, user, at_ms, lapse_ms)) faults.push(`${model} was unloaded while ${user} called it`);
    users.length = 0;
  }
  return faults;
}

/** Models of one exclusive group that are called at the same time, by holders that were not dead or paused. */
function groupsTogether({ card, events, blows }: GpuStory, { lapse_ms }: GpuLimits): string[] {
  const groups = new Map(card.models.map(({ name, exclusive_group }) => [name, exclusive_group]));
  let running: { model: string; holder: string }[] = [];
  const faults: string[] = [];
  for (const { what, model, holder = "", at_ms } of events) {
    const group = groups.get(model);
    if (group === undefined) continue;
    const ended = running.findIndex((call) => call.model === model && call.holder === holder);
    if (what === "call ends") running = running.toSpliced(ended, ended < 0 ? 0 : 1);
    if (what !== "call begins") continue;
    for (const other of running)
      if (other.model !== model && groups.get(other.model) === group)
        if (![holder, other.holder].some((one) => wasStruck(blows, one, at_ms, lapse_ms)))
          faults.push(`${model} and ${other.model} of group ${group} were called at the same time`);
    running.push({ model, holder });
  }
  return faults;
}

/** A call that found its model gone although its process was well. */
function refusedInVain({ events, blows }: GpuStory, { lapse_ms }: GpuLimits): string[] {
  return events
    .filter(({ what, holder = "", at_ms }) => what === "call refused" && !wasStruck(blows, holder, at_ms, lapse_ms))
    .map(({ model, holder }) => `${holder} called ${model}, which was not there`);
}

/** Whether a holder was dead, or paused for so long that it may have lost what it had, lately. */
function wasStruck(blows: readonly BlowNote[], holder: string, at_ms: number, lapse_ms: number): boolean {
  return blows.some((blow) => {
    if (blow.holder !== holder || blow.at_ms > at_ms) return false;
    const until_ms = blow.until_ms ?? Number.POSITIVE_INFINITY;
    return until_ms - blow.at_ms >= lapse_ms / 2 && at_ms < until_ms + lapse_ms;
  });
}

function countBy(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
