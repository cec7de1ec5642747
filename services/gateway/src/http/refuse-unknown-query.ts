import type { TObject } from "@sinclair/typebox";
import type { FastifyRequest } from "fastify";
import { BadRequestError } from "../errors.ts";

/** Refuses a filter that is none: a slip of the pen would show more than was asked for. */
export function refuseUnknownQuery({ properties }: TObject): (request: FastifyRequest) => Promise<void> {
  return async ({ query }) => {
    const [odd] = Object.keys(query as object).filter((name) => !Object.hasOwn(properties, name));
    if (odd === undefined) return;
    const known = Object.keys(properties).join(", ");
    throw new BadRequestError(
      `Cannot read the request as querystring must have ${known} only: it has ${JSON.stringify(odd)}`,
    );
  };
}
