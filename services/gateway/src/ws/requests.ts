import { describeError } from "@gatehouse/errors";
import { compileCheck, decodeBody } from "@gatehouse/events";
import { type Static, Type } from "@sinclair/typebox";
import { BadMessageError } from "../errors.ts";

const Id = Type.String({ minLength: 1, maxLength: 128 });
const Subject = Type.String({ minLength: 1, maxLength: 256 });
const Whole = Type.Integer({ minimum: 0 });

const Auth = Type.Object({ op: Type.Literal("auth"), key: Type.String({ minLength: 1, maxLength: 256 }) });

/** `{"op":"subscribe","id":"s1","subject":"camera.*.event.>","from":{"seq":1201}}` */
export const Subscribe = Type.Object({
  op: Type.Literal("subscribe"),
  id: Id,
  subject: Subject,
  from: Type.Optional(
    Type.Union([
      Type.Literal("new"),
      Type.Literal("all"),
      Type.Object({ seq: Whole, epoch: Type.Optional(Whole) }),
      Type.Object({ time_ms: Whole }),
    ]),
  ),
  batch: Type.Optional(
    Type.Object({
      ms: Type.Integer({ minimum: 1, maximum: 10_000 }),
      max: Type.Integer({ minimum: 1, maximum: 1_000 }),
    }),
  ),
});

const Unsubscribe = Type.Object({ op: Type.Literal("unsubscribe"), id: Id });

/** `{"op":"publish","id":"p1","subject":"ai.chat.user.me.message","data":{…},"msg_id":"…"}` */
export const Publish = Type.Object({
  op: Type.Literal("publish"),
  id: Id,
  subject: Subject,
  data: Type.Record(Type.String(), Type.Unknown()),
  msg_id: Type.Optional(Type.String({ pattern: "^[\\x21-\\x7e]{1,128}$" })),
  /** Of a chat message: its answer is not wanted any more when this connection is gone. */
  cancel_on_close: Type.Optional(Type.Boolean()),
});

export type Subscribe = Static<typeof Subscribe>;
export type Publish = Static<typeof Publish>;
/** What a client may ask for. `json` says that binary fields of `data` are base64 text. */
export type ClientRequest = (Static<typeof Auth> | Subscribe | Static<typeof Unsubscribe> | Publish) & {
  json?: boolean;
};

const CHECKS = {
  auth: compileCheck(Auth),
  subscribe: compileCheck(Subscribe),
  unsubscribe: compileCheck(Unsubscribe),
  publish: compileCheck(Publish),
};

/** A message that could not be read, with the id it brought if it brought one. */
export interface Unreadable {
  id: string | null;
  error: Error;
}

/** Reads what a client sent, JSON or MessagePack alike. */
export function readRequest(bytes: Uint8Array): { request: ClientRequest; json: boolean } | Unreadable {
  let id: string | null = null;
  try {
    const { fields, json } = decodeBody(bytes);
    if (typeof fields.id === "string" && fields.id.length <= 128) id = fields.id;
    const op = String(fields.op);
    if (!Object.hasOwn(CHECKS, op))
      throw new BadMessageError(
        `Cannot read the message as op must be ${Object.keys(CHECKS).join(", ")}: current value is ${JSON.stringify(op.slice(0, 40))}`,
      );
    CHECKS[op as keyof typeof CHECKS].assert(fields, "Cannot read the message");
    return { request: fields as unknown as ClientRequest, json };
  } catch (error) {
    return { id, error: new BadMessageError(describeError(error).message, { cause: error }) };
  }
}
