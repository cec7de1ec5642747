import { expect, test } from "vitest";
import { hostAllowed, originMatches } from "./hosts.ts";

const loopback = { host: "127.0.0.1", public_url: "https://gate.example" };
const open = { host: "0.0.0.0", public_url: null };

test.each([
  ["localhost:8080", true],
  ["127.0.0.1:8080", true],
  ["127.1.2.3", true],
  ["[::1]:8080", true],
  ["LOCALHOST", true],
  ["gate.example", true],
  ["gate.example:444", false],
  ["evil.example:8080", false],
  ["localhost.evil.example", false],
  ["127.0.0.1.evil.example", false],
  ["", false],
  [undefined, false],
])("hostAllowed() on loopback with Host %s", (host, allowed) => {
  expect(hostAllowed(host, loopback)).toBe(allowed);
});

test("hostAllowed() takes any name when others may connect anyway", () => {
  expect(hostAllowed("house.lan:8080", open)).toBe(true);
});

test.each([
  ["http://127.0.0.1:8080", "127.0.0.1:8080", true],
  ["https://gate.example", "127.0.0.1:8080", true],
  ["http://127.0.0.1:8081", "127.0.0.1:8080", false],
  ["http://localhost:8080", "127.0.0.1:8080", false],
  ["http://evil.example", "127.0.0.1:8080", false],
  ["null", "127.0.0.1:8080", false],
  ["", "127.0.0.1:8080", false],
])("originMatches() of %s for Host %s", (origin, host, matches) => {
  expect(originMatches(origin, host, loopback)).toBe(matches);
});
