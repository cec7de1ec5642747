import { defineError } from "@gatehouse/errors";

/** Errors that handlers of tests throw. */
export const BusyError = defineError("BUSY", "later");
export const BadInputError = defineError("BAD_INPUT", "never");
export const CellarDownError = defineError("CELLAR_DOWN", "later", { dependency: "cellar" });
