import { BadCameraIdError } from "./errors.ts";

/**
 * The camera id that a folder's name stands for: NFKD without combining marks, lower case, each run outside
 * `[a-z0-9-]` becomes `_`, at most 64 characters: "Front Door" -> `front_door`, "Café" -> `cafe`.
 * A name without one Latin letter or digit is `_`. Different names may give one id: whoever watches folders looks for that.
 * @throws {BadCameraIdError} when nothing is left
 */
export function normaliseCameraId(folderName: string): string {
  const id = folderName
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, "_")
    .slice(0, 64);
  if (id !== "") return id;
  throw new BadCameraIdError(
    `Cannot make a camera id of folder "${folderName}" as 1 to 64 characters must be left of its name: none are left`,
    { facts: { folder: folderName } },
  );
}
