import type { GatehouseError } from "@gatehouse/errors";
import type { Fault } from "../calling/faults.ts";
import { ModelAnswerError } from "../errors.ts";

/** What is said of a sound that is whole and has nothing in it: a text was to be spoken. */
export const silent = (fault: Fault): GatehouseError =>
  fault(ModelAnswerError, "the sound must have a sample: it has none");
