import { expect, test } from "vitest";
import { hostAllowed, hostWanted, originMatches } from "./hosts.ts";

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

test("hostAllowed() takes any name when others may connect and it was not told its own", () => {
  expect(hostAllowed("house.lan:8080", open)).toBe(true);
  expect(hostAllowed("192.168.1.5:8080", { host: "192.168.1.5", public_url: null })).toBe(true);
});

test.each([
  ["0.0.0.0", "gate.example", true],
  ["0.0.0.0", "GATE.example", true],
  ["0.0.0.0", "localhost:8080", true],
  ["::", "[::1]:8080", true],
  ["0.0.0.0", "house.lan:8080", false],
  ["0.0.0.0", "192.168.1.5:8080", false],
  ["0.0.0.0", "0.0.0.0:8080", false],
  ["0.0.0.0", undefined, false],
  ["192.168.1.5", "192.168.1.5:8080", true],
  ["192.168.1.5", "192.168.1.6:8080", false],
  ["fd00::5", "[fd00::5]:8080", true],
  ["192.168.1.5", "gate.example", true],
])("hostAllowed() bound to %s with a public_url and Host %s", (bound, host, allowed) => {
  expect(hostAllowed(host, { host: bound, public_url: "https://gate.example" })).toBe(allowed);
});

test("hostWanted() names the host of public_url, or how to set one", () => {
  expect(hostWanted(loopback)).toBe('"gate.example", the host of gateway.public_url, or a loopback name');
  expect(hostWanted(open)).toBe("a loopback name; to be reached by another one, set gateway.public_url");
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
