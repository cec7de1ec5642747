import type { FastifyInstance } from "fastify";
import { type DoorName, doorNames, readSwitches } from "../failures.ts";
import { answerError } from "./answer-error.ts";
import type { DoorParts } from "./door-parts.ts";

/** `PUT /failures/{door}`: sets switches of one door and answers all of them. Exists only with `allow_failures`. */
export async function failuresDoor(app: FastifyInstance, { failures }: DoorParts): Promise<void> {
  app.setErrorHandler((error: Error, _request, reply) => answerError(error, reply));
  app.put<{ Params: { door: string } }>("/failures/:door", (request, reply) => {
    const { door } = request.params;
    if (!isDoor(door))
      return reply.code(404).send({
        error: {
          code: "NOT_FOUND",
          message: `Cannot set failures as the door must be ${doorNames.join("|")}: current value is "${door}"`,
        },
      });
    return Object.assign(failures[door], readSwitches(request.body));
  });
}

function isDoor(name: string): name is DoorName {
  return (doorNames as readonly string[]).includes(name);
}
