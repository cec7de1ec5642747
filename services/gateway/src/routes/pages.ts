import { Type } from "@sinclair/typebox";

/** How long a page of a list may be, and where it goes on. */
export const PAGE = {
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 50 }),
  cursor: Type.Optional(Type.String({ maxLength: 512, description: "next_cursor of the page before" })),
};

/** Times, ms since the epoch. */
export const SPAN = {
  since_ms: Type.Optional(Type.Integer({ minimum: 0, description: "At or after" })),
  until_ms: Type.Optional(Type.Integer({ minimum: 0, description: "Before" })),
};
