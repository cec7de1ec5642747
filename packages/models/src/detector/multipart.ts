import { randomBytes } from "node:crypto";
import type { Picture } from "./detector.ts";

/** A form as one piece: it can be sent again as it is. */
export interface MultipartForm {
  body: Uint8Array;
  /** The `content-type` header, with the boundary. */
  content_type: string;
}

const EXTENSIONS: Readonly<Record<string, string>> = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };

/** The form of a `/detect` request (RFC 7578): the part `image`, and `source` where the picture has one. */
export function pictureForm({ bytes, media_type, source }: Picture): MultipartForm {
  const boundary = `gatehouse-${randomBytes(16).toString("hex")}`;
  const part = (disposition: string) => `--${boundary}\r\ncontent-disposition: form-data; ${disposition}\r\n`;
  const sourcePart = source === undefined ? "" : `${part('name="source"')}\r\n${source}\r\n`;
  const filename = `picture.${EXTENSIONS[media_type] ?? "bin"}`;
  const imageHead = `${part(`name="image"; filename="${filename}"`)}content-type: ${oneLine(media_type)}\r\n\r\n`;
  return {
    body: Buffer.concat([Buffer.from(sourcePart + imageHead), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    content_type: `multipart/form-data; boundary=${boundary}`,
  };
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ");
