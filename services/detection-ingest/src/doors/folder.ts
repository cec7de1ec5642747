import { createHash } from "node:crypto";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Door, Host, OpenDoor } from "@gatehouse/runtime";
import type { config } from "../config.ts";
import type { Deps } from "../service.ts";
import { runAlone } from "../singleton.ts";
import type { InboxParts } from "./camera-folder.ts";
import { watchInbox } from "./inbox.ts";
import type { TakeParts } from "./take-file.ts";
import { Turns } from "./turns.ts";

const FILES_AT_ONCE = 4;

/** What the folder's door leans on. */
export type FolderDeps = Pick<Deps, "db" | "folder_faults">;

/**
 * The watched folder: `{root}/{camera}/*.jpg|jpeg|png|webp|mp4|mkv|avi|mov` -> frames on the bus, each file once. One
 * process of all watches it. A file is removed when the broker acknowledged its frames.
 */
export const folderDoor: Door<FolderDeps> = createFolderDoor();

/** The same with a hook for tests that end the process where it hurts. */
export function createFolderDoor(hooks: Pick<TakeParts, "onPublished"> = {}): Door<FolderDeps> {
  return { name: "folder", start: async (deps, host) => openFolder(deps, host as Host<typeof config>, hooks) };
}

function openFolder(
  { db, folder_faults }: FolderDeps,
  host: Host<typeof config>,
  hooks: Pick<TakeParts, "onPublished">,
): OpenDoor {
  const { folder } = host.config.ingest;
  const root = resolve(folder.root ?? join(host.home, "inbox"));
  const stopping = new AbortController();
  const signal = AbortSignal.any([host.signal, stopping.signal]);
  const parts: Omit<InboxParts, "limit"> = {
    ...hooks,
    root,
    settings: folder,
    bus: host.bus,
    log: host.log,
    faults: folder_faults,
    settled: new Map(),
    turns: new Turns(FILES_AT_ONCE),
    videoTurns: new Turns(1),
    bury: host.bury,
  };
  const name = `detection-ingest.folder.${createHash("sha256").update(root).digest("hex").slice(0, 16)}`;
  const running = runAlone(db, { name, holder: host.instance, log: host.log, signal }, (ours) =>
    watchInbox({ ...parts, make: folder.root === null }, ours),
  );
  const stop = async () => {
    stopping.abort();
    await running;
  };
  return { url: pathToFileURL(root).href, stop };
}
