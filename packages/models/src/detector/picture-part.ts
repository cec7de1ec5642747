import type { FormPart } from "../calling/form.ts";
import type { Picture } from "./detector.ts";

const EXTENSIONS: Readonly<Record<string, string>> = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };

/** A picture as the part `image` of a form. */
export const picturePart = ({ bytes, media_type }: Picture): FormPart => ({
  name: "image",
  file: { bytes, media_type, filename: `picture.${EXTENSIONS[media_type] ?? "bin"}` },
});
