import { expect, test } from "vitest";
import { missingTrouble } from "./trouble-verdict.ts";

const counts = { extras: 1, retried: 1, cancelled: 1, vanished: 1 };
const trouble = {
  met: { late: 1, cut_after: 1, "status 401": 1, "applied_status 500": 1 },
  happened: { gap: 1, silence: 1, anew: 1 },
  unexplained: [],
};

test("missingTrouble() finds nothing where all happened", () => {
  expect(missingTrouble(counts, trouble)).toEqual([]);
});

test.each<[string, object, object, string]>([
  ["late posts", { extras: 0 }, { met: { ...trouble.met, late: 0 } }, "posted late"],
  ["retries", { retried: 0 }, {}, "failed and went on"],
  ["cancels", { cancelled: 0 }, {}, "ended for a cancel"],
  ["cuts", {}, { met: { ...trouble.met, cut_after: 0 } }, "connection that was cut"],
  ["statuses", {}, { met: { late: 1, cut_before: 1 } }, "answered with a status"],
  ["refused tokens", {}, { met: { ...trouble.met, "status 401": 0 } }, "401 or 403"],
  ["what is cleared away", { vanished: 0 }, {}, "cleared away"],
  ["gaps", {}, { happened: { silence: 1, anew: 1 } }, "while things happened"],
  ["silence", {}, { happened: { gap: 1, anew: 1 } }, "went silent"],
  ["a reset", {}, { happened: { gap: 1, silence: 1 } }, "began anew"],
])("missingTrouble() says that there were no %s", (_, fewer, other, fault) => {
  const found = missingTrouble({ ...counts, ...fewer }, { ...trouble, ...other });
  expect(found).toContainEqual(expect.stringContaining(fault));
});
