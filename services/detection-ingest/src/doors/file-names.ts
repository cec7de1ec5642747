import { createHash } from "node:crypto";
import { extname } from "node:path";

/** What a file of a camera holds, by its name. */
export type FileKind = "picture" | "video";

/** A plain file in a camera's folder, as one look saw it. */
export interface FoundFile {
  name: string;
  kind: FileKind;
  size: number;
  mtime_ms: number;
}

const PICTURE = /\.(jpe?g|png|webp)$/i;
const VIDEO = /\.(mp4|mkv|avi|mov)$/i;
const MAX_STEM = 80;

/** What a name promises; null for files that are no business of ours: hidden, half uploaded, of another kind. */
export function kindOf(name: string): FileKind | null {
  if (name.startsWith(".")) return null;
  if (PICTURE.test(name)) return "picture";
  return VIDEO.test(name) ? "video" : null;
}

/**
 * The frame's id: the name's stem, and 16 hex digits of SHA-256 over path, size and time, so that two owners and a
 * restart make the same one, and another file under the same name makes another.
 */
export function fileFrameId(
  folder: string,
  { name, size, mtime_ms }: Pick<FoundFile, "name" | "size" | "mtime_ms">,
): string {
  const stem = name.slice(0, name.length - extname(name).length).replace(/[^A-Za-z0-9._:-]+/g, "_");
  const digest = createHash("sha256").update(`${folder}/${name}|${size}|${mtime_ms}`).digest("hex");
  return `${stem.slice(0, MAX_STEM)}-${digest.slice(0, 16)}`;
}
