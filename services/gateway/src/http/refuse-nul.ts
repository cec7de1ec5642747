import { describeError } from "@gatehouse/errors";
import { assertNoNul } from "@gatehouse/events";
import type { FastifyRequest } from "fastify";
import { BadRequestError } from "../errors.ts";

/** A body of /api with U+0000 in a text is refused: no database keeps or finds it. What goes to models is theirs to judge. @throws {BadRequestError} */
export async function refuseNul({ url, body }: FastifyRequest): Promise<void> {
  if (!url.startsWith("/api/")) return;
  try {
    assertNoNul(body, "Cannot read the request");
  } catch (error) {
    throw new BadRequestError(describeError(error).message, { cause: error });
  }
}
