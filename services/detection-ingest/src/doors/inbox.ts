import { lstat, mkdir, opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { normaliseCameraId, StrayFiles } from "@gatehouse/media";
import { type CameraFolder, gapOf, type InboxParts, tell, watchCameraFolder } from "./camera-folder.ts";
import { FolderBell } from "./folder-bell.ts";

/** A folder that is watched now. */
interface Watched {
  ino: number;
  stop(): Promise<void>;
}

const MAX_FOLDERS = 1_000;
/** Files that are known at a time: of all folders, and of one. */
const ALL_FILES = 65_536;
const MAX_FILES = 4_096;
const MIN_FILES = 64;

/** Watches the folders directly below the root, one camera each, until the signal aborts. */
export async function watchInbox(
  { make, ...given }: Omit<InboxParts, "limit"> & { make: boolean },
  signal: AbortSignal,
): Promise<void> {
  const { root, settings } = given;
  const watched = new Map<string, Watched>();
  const limit = () => Math.max(MIN_FILES, Math.min(MAX_FILES, Math.floor(ALL_FILES / watched.size)));
  const parts: InboxParts = { ...given, limit };
  let bell = new FolderBell(root, { gap_ms: gapOf(settings) });
  let known_ino = 0;
  const strays = new StrayFiles();
  while (!signal.aborted) {
    if (make) await mkdir(root, { recursive: true }).catch(() => undefined);
    const ino = (await stat(root).catch(() => null))?.ino ?? 0;
    if (known_ino !== ino) {
      bell.close();
      bell = new FolderBell(root, { gap_ms: gapOf(settings) });
      known_ino = ino;
    }
    bell.look();
    await follow(watched, await foldersBelow(root, strays, parts), parts, signal);
    const reason = strays.news(root);
    if (reason) parts.log.warn({ reason }, "file of no camera");
    await bell.wait(settings.poll_ms, signal);
  }
  bell.close();
  await Promise.all([...watched.values()].map(({ stop }) => stop()));
  parts.faults.clearAll();
}

/** Starts watching what is new, stops watching what is gone, was replaced, or may no longer be read. */
async function follow(
  watched: Map<string, Watched>,
  folders: readonly FoundFolder[],
  parts: InboxParts,
  signal: AbortSignal,
): Promise<void> {
  const wanted = new Map(folders.map((folder) => [folder.name, folder]));
  for (const [name, { ino, stop }] of [...watched])
    if (wanted.get(name)?.ino !== ino) {
      await stop();
      watched.delete(name);
    }
  for (const folder of folders)
    if (!watched.has(folder.name)) watched.set(folder.name, startWatching(folder, parts, signal));
}

function startWatching(folder: FoundFolder, parts: InboxParts, signal: AbortSignal): Watched {
  const ended = new AbortController();
  const watching = watchCameraFolder(folder, parts, AbortSignal.any([signal, ended.signal]));
  const stop = async () => {
    ended.abort();
    await watching;
  };
  return { ino: folder.ino, stop };
}

interface FoundFolder extends CameraFolder {
  ino: number;
}

/** The plain folders of the root whose ids are their own; faults name the others. */
async function foldersBelow(root: string, strays: StrayFiles, parts: InboxParts): Promise<FoundFolder[]> {
  const names = await namesBelow(root, strays, parts);
  const folders = (await Promise.all(names.map((name) => folderAt(root, name)))).filter((folder) => folder !== null);
  const byId = Map.groupBy(folders, ({ camera_id }) => camera_id);
  const clashes = [...byId.values()].filter(({ length }) => length > 1).map(clashSentence);
  tell("clashes", clashes.length === 0 ? null : clashes.join("; "), parts);
  return [...byId.values()].filter(({ length }) => length === 1).flat();
}

async function namesBelow(root: string, strays: StrayFiles, parts: InboxParts): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const entry of await opendir(root)) {
      strays.see(entry);
      if (!entry.name.startsWith(".") && !entry.isFile()) names.push(entry.name);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    tell("root", `Folder "${root}" cannot be read and is waited for: ${code}`, parts);
    return [];
  }
  parts.faults.clear("root");
  const sorted = names.sort();
  const many = `Of ${names.length} folders the first ${MAX_FOLDERS} are read`;
  tell("number", names.length > MAX_FOLDERS ? many : null, parts);
  return sorted.slice(0, MAX_FOLDERS);
}

async function folderAt(root: string, name: string): Promise<FoundFolder | null> {
  const path = join(root, name);
  const stats = await lstat(path).catch(() => null);
  return stats?.isDirectory() ? { name, path, camera_id: normaliseCameraId(name), ino: stats.ino } : null;
}

function clashSentence(folders: readonly CameraFolder[]): string {
  const names = folders.map(({ name }) => `"${name}"`).join(" and ");
  return `Folders ${names} give one camera id, "${folders[0]!.camera_id}": none of them is read`;
}
