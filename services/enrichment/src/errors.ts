import { defineError } from "@gatehouse/errors";

/** The language model gave no judgement within the time that there was: the event is told unscored, and scored later. */
export const ScoreLateError = defineError("SCORE_LATE", "later");
