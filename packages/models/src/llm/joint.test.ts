import { expect, test } from "vitest";
import { Joint } from "./joint.ts";

const said = "The gate is open. A person stands at the door";

/** What is passed on of an answer that comes in pieces of that length. */
function passed(answer: string, length: number): string {
  const joint = new Joint(said);
  let text = "";
  for (let at = 0; at < answer.length; at += length) text += joint.pass(answer.slice(at, at + length));
  return text + joint.rest();
}

const lengths = [1, 2, 3, 5, 8, 13, 21, 34, 100];

test.each([
  ["goes on", " and rings. The gate is open."],
  ["says a few of the last words again", "the door and rings"],
  ["begins like what was said, then otherwise", "The gate is open. A dog barks"],
  ["stops at once", ""],
  ["says the middle again", "is open. A person stands"],
])("pass() leaves all of an answer that %s", (_, answer) => {
  for (const length of lengths) expect(passed(answer, length)).toBe(answer);
});

test.each([
  ["the last words", "person stands at the door and rings"],
  ["all of it", `${said} and rings`],
])("pass() leaves out a repeat of %s", (_, answer) => {
  for (const length of lengths) expect(passed(answer, length)).toBe(" and rings");
});

test("pass() holds nothing back that cannot be a repeat", () => {
  const joint = new Joint(said);
  expect([joint.pass("person"), joint.pass(" at"), joint.pass(" the")]).toEqual(["", "person at", " the"]);
  expect(new Joint("short").pass("short")).toBe("short");
});
