import { randomBytes } from "node:crypto";

/** A form in pieces, so that no file is copied into it; it can be sent again as it is. */
export interface MultipartForm {
  body: readonly Uint8Array[];
  /** `content-type`, with the boundary, and `content-length`. */
  headers: Record<string, string>;
}

/** A text of a form, or a file. */
export type FormPart = { name: string; value: string } | { name: string; file: FormFile };

export interface FormFile {
  bytes: Uint8Array;
  /** `image/jpeg` */
  media_type: string;
  /** `picture.jpg`: servers look at its ending. */
  filename: string;
}

/** Writes `multipart/form-data`: https://www.rfc-editor.org/rfc/rfc7578. Names and filenames are ours, so nothing in them is escaped. */
export function formOf(parts: readonly FormPart[]): MultipartForm {
  const boundary = `gatehouse-${randomBytes(16).toString("hex")}`;
  const pieces = parts.flatMap((part): Uint8Array[] => {
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="${part.name}"`;
    if ("value" in part) return [Buffer.from(`${head}\r\n\r\n${part.value}\r\n`)];
    const { bytes, media_type, filename } = part.file;
    const fileHead = `${head}; filename="${filename}"\r\ncontent-type: ${oneLine(media_type)}\r\n\r\n`;
    return [Buffer.from(fileHead), bytes, Buffer.from("\r\n")];
  });
  const body = [...pieces, Buffer.from(`--${boundary}--\r\n`)];
  const bytes = body.reduce((sum, { length }) => sum + length, 0);
  const headers = { "content-type": `multipart/form-data; boundary=${boundary}`, "content-length": String(bytes) };
  return { body, headers };
}

const oneLine = (text: string): string => text.replace(/[\r\n]+/g, " ");
