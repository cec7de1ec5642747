import { mkdir } from "node:fs/promises";
import type { SharedConfig } from "@gatehouse/runtime";
import { documentsFolder } from "./documents-folder.ts";
import type { IngestDeps } from "./ingest.ts";

/** Where the house takes documents from, and when it has taken one in. */
export async function openHouse(
  home: string,
  { embedder }: SharedConfig["models"],
): Promise<Pick<IngestDeps, "documents_folder" | "documents_ready_when">> {
  const documents_folder = documentsFolder(home);
  // Where it cannot be made, runs that want it say so.
  await mkdir(documents_folder, { recursive: true }).catch(() => {});
  return { documents_folder, documents_ready_when: embedder.length > 0 ? ["ready"] : ["ready", "indexing"] };
}
