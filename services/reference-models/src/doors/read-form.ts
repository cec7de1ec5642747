import { GatehouseError } from "@gatehouse/errors";
import type { FastifyRequest } from "fastify";
import { BadRequestError, BodyTooLargeError } from "../errors.ts";

/** What a form holds. */
export interface SentForm {
  /** The first file of each name. */
  files: Map<string, Buffer>;
  /** The last text of each name. */
  texts: Map<string, string>;
}

/** Reads a multipart form of at most 2 files and 16 texts. @throws {BadRequestError} @throws {BodyTooLargeError} */
export async function readForm(request: FastifyRequest, most_file_bytes: number): Promise<SentForm> {
  return readParts(request, most_file_bytes).catch((error: unknown) => Promise.reject(asFormError(error)));
}

async function readParts(request: FastifyRequest, most_file_bytes: number): Promise<SentForm> {
  const form: SentForm = { files: new Map(), texts: new Map() };
  const limits = { fileSize: most_file_bytes, files: 2, fields: 16 };
  for await (const part of request.parts({ limits })) {
    if (part.type === "field") {
      form.texts.set(part.fieldname, String(part.value));
      continue;
    }
    const bytes = await part.toBuffer();
    if (part.file.truncated)
      throw new BodyTooLargeError(`Cannot read form as "${part.fieldname}" must be at most ${most_file_bytes} bytes`);
    if (!form.files.has(part.fieldname)) form.files.set(part.fieldname, bytes);
  }
  return form;
}

/** The parser's own words for a form without a boundary or with its end missing have no status. */
function asFormError(error: unknown): unknown {
  if (error instanceof GatehouseError || (error instanceof Error && "statusCode" in error)) return error;
  const words = error instanceof Error ? error.message : String(error);
  return new BadRequestError(`Cannot read form as it is not whole multipart/form-data: ${words}`, { cause: error });
}
