import { describeError, GatehouseError } from "@gatehouse/errors";
import { StreamFullError } from "@gatehouse/runtime";
import { rest } from "../rest.ts";
import { type FoundFile, fileFrameId } from "./file-names.ts";
import { FolderBell } from "./folder-bell.ts";
import type { FolderFaults } from "./folder-faults.ts";
import { scanFolder } from "./scan-folder.ts";
import { Stability } from "./stability.ts";
import { type TakeParts, takeFile } from "./take-file.ts";
import { Troubles } from "./troubles.ts";
import type { Turns } from "./turns.ts";

/** What the folders of all cameras share. */
export interface InboxParts extends TakeParts {
  settings: { readonly poll_ms: number; readonly stable_ms: number };
  faults: FolderFaults;
  /** Files at work at a time, of all cameras. */
  turns: Turns;
  /** Videos at work at a time, of all cameras. */
  videoTurns: Turns;
  /** Files of one folder that are known at a time. */
  limit(): number;
}

/** A camera's folder: its name below the root, and where that is. */
export interface CameraFolder {
  name: string;
  camera_id: string;
  path: string;
}

const GAP_MS = 500;
const MIN_GAP_MS = 50;
const FIRST_WAIT_MS = 500;
const LAST_WAIT_MS = 5_000;

/** How close together changes wake: at most as far apart as a file takes to be stable. */
export const gapOf = ({ stable_ms }: InboxParts["settings"]): number =>
  Math.max(MIN_GAP_MS, Math.min(GAP_MS, stable_ms));

/** Takes in what becomes stable in one camera's folder, oldest first, one after the other, until the signal aborts. */
export async function watchCameraFolder(folder: CameraFolder, parts: InboxParts, signal: AbortSignal): Promise<void> {
  const { settings, faults } = parts;
  const bell = new FolderBell(folder.path, { gap_ms: gapOf(settings) });
  const stability = new Stability(settings.stable_ms);
  const troubles = new Troubles();
  let wait_ms = 0;
  while (!signal.aborted) {
    await look(folder, { bell, stability, troubles }, parts, signal);
    const waits = await takeStable(folder, { stability, troubles }, parts, signal);
    wait_ms = waits ? Math.min(LAST_WAIT_MS, Math.max(FIRST_WAIT_MS, wait_ms * 2)) : 0;
    tell(`files of ${folder.name}`, troubles.sentence(folder.name), parts);
    if (wait_ms > 0) await rest(wait_ms, signal);
    else await bell.wait(Math.min(settings.poll_ms, stability.nextIn(performance.now())), signal);
  }
  bell.close();
  for (const about of ["folder", "files of", "bus for"]) faults.clear(`${about} ${folder.name}`);
}

interface Knowledge {
  bell: FolderBell;
  stability: Stability;
  troubles: Troubles;
}

async function look(
  { name, path }: CameraFolder,
  { bell, stability, troubles }: Knowledge,
  parts: InboxParts,
  signal: AbortSignal,
): Promise<void> {
  const changes = bell.look();
  const now_ms = performance.now();
  const skip = (file: string) => troubles.waits(file, now_ms);
  try {
    const found = await scanFolder(path, { limit: parts.limit(), skip, signal });
    troubles.keepOnly(new Set(found.map((file) => file.name)), now_ms);
    stability.look(found, changes, now_ms);
    parts.faults.clear(`folder ${name}`);
  } catch (error) {
    stability.look([], changes, now_ms);
    tell(`folder ${name}`, `Folder "${name}" cannot be read: ${summary(error).code}`, parts);
  }
}

/** True when nothing can be published now: the folder waits. */
async function takeStable(
  folder: CameraFolder,
  { stability, troubles }: Omit<Knowledge, "bell">,
  parts: InboxParts,
  signal: AbortSignal,
): Promise<boolean> {
  for (const found of stability.stable(performance.now())) {
    if (signal.aborted) return false;
    try {
      await inTurn(found, parts, () => takeOne(folder, found, troubles.tries(found.name), parts, signal));
      troubles.clear(found.name);
    } catch (error) {
      if (signal.aborted) return false;
      if (isBacklog(error)) {
        tell(`bus for ${folder.name}`, `Folder "${folder.name}" waits: ${error.message}`, parts);
        return true;
      }
      leaveForNow(folder, found, error, { troubles, parts });
    }
  }
  parts.faults.clear(`bus for ${folder.name}`);
  return false;
}

function inTurn(found: FoundFile, { turns, videoTurns }: InboxParts, work: () => Promise<void>): Promise<void> {
  return found.kind === "video" ? videoTurns.run(() => turns.run(work)) : turns.run(work);
}

async function takeOne(
  { name, camera_id, path }: CameraFolder,
  found: FoundFile,
  tries: number,
  parts: InboxParts,
  signal: AbortSignal,
): Promise<void> {
  if (signal.aborted) return;
  await takeFile({ camera_id, path, found, frame_id: fileFrameId(name, found) }, tries, parts, signal);
}

function leaveForNow(
  folder: CameraFolder,
  { name: file }: FoundFile,
  error: unknown,
  { troubles, parts }: { troubles: Troubles; parts: InboxParts },
): void {
  const why = summary(error);
  if (troubles.add(file, why, performance.now()))
    parts.log.warn({ folder: folder.name, file, code: why.code, reason: why.message }, "file left where it is");
}

/** The queue is full, or a server is away: no file's fault. */
function isBacklog(error: unknown): error is GatehouseError {
  if (!(error instanceof GatehouseError) || error.retry !== "later") return false;
  return error.dependency !== null || error.code === StreamFullError.code;
}

/** Says a fault once, and for as long as it lasts in `/readyz`. */
export function tell(
  about: string,
  sentence: string | null,
  { faults, log }: Pick<InboxParts, "faults" | "log">,
): void {
  if (sentence === null) faults.clear(about);
  else if (faults.set(about, sentence)) log.warn({ reason: sentence }, "watched folder degraded");
}

/** An error of the system is named by its own code: EACCES, EIO, … */
function summary(error: unknown): { code: string; message: string } {
  const { code, message } = describeError(error);
  const own = error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : code;
  return { code: own, message };
}
