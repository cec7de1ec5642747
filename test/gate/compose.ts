import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { parse } from "yaml";

/** The folder with everything that containers need. */
export const COMPOSE = resolve(import.meta.dirname, "../../compose");
/** `schema/compose-spec.json` of github.com/compose-spec/compose-go v2.16.2 (Apache-2.0), unchanged. */
const SCHEMA = join(import.meta.dirname, "compose-spec.gen.json");
const VARIABLE = /\$\$|\$\{([A-Z_]+)(?::([-?])([^}]*))?\}/g;

/** A container, as far as the rules look at it. */
export interface ComposeService {
  image: string;
  /** Absent: the image's own. */
  command?: string[];
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  cap_add?: string[];
  security_opt?: string[];
  restart?: string;
  mem_limit?: string;
  cpus?: number;
  pids_limit?: number;
  logging?: { options: Record<string, string> };
  healthcheck?: { test: string[] };
  build?: { context: string; dockerfile: string };
  ports?: string[];
  environment?: Record<string, string>;
  depends_on?: Record<string, { condition: string }>;
}

export interface ComposeFile {
  services: Record<string, ComposeService>;
}

/** A text file of the compose folder. */
export function composeText(name: string): string {
  return readFileSync(join(COMPOSE, name), "utf8");
}

/** `compose.yaml` with these variables put in. */
export function readCompose(variables: Record<string, string>): ComposeFile {
  const put = (whole: string, name?: string, kind?: string, text = "") =>
    whole === "$$" ? "$" : variables[name!] || (kind === "-" ? text : "");
  return parse(composeText("compose.yaml").replace(VARIABLE, put), { merge: true });
}

/** A variable of `compose.yaml`; required ones have no default. */
export interface ComposeVariable {
  name: string;
  required: boolean;
}

export function variablesOf(text: string): ComposeVariable[] {
  const found = [...text.matchAll(VARIABLE)].filter(([whole]) => whole !== "$$");
  const required = new Map(found.map(([, name, kind]) => [name!, kind === "?"]));
  return [...required].map(([name, required]) => ({ name, required }));
}

/** What `.env.example` sets, in its order. */
export function exampleVariables(): Record<string, string> {
  const lines = composeText(".env.example").split("\n");
  return Object.fromEntries(lines.filter((line) => /^[A-Z]/.test(line)).map((line) => line.split(/=(.*)/, 2)));
}

/** What the Compose specification has against a file: place and reason. */
export function specFaults(file: unknown): string[] {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  const validate = ajv.compile(JSON.parse(readFileSync(SCHEMA, "utf8")));
  return validate(file) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath} ${message}`);
}

/** What our own rules have against a container: none may do more than its work needs. */
export function hardeningFaults(name: string, service: ComposeService): string[] {
  const once = service.restart === "no";
  const rules: [boolean, string][] = [
    [service.read_only === true, "read_only must be true"],
    [service.cap_drop?.join() === "ALL", "cap_drop must be [ALL]"],
    [service.security_opt?.includes("no-new-privileges:true") ?? false, "security_opt must have no-new-privileges"],
    [/^[1-9]\d*:[1-9]\d*$/.test(service.user ?? "") || mayChown(service), "user must be a number, and not root"],
    [service.cap_add === undefined || mayChown(service), "cap_add must be absent"],
    [service.mem_limit !== undefined && service.cpus! <= 1 && service.pids_limit! > 0, "limits must be set"],
    [service.logging?.options["max-size"] !== undefined, "logging must have max-size"],
    [once || service.restart === "unless-stopped", 'restart must be "unless-stopped", or "no" for what runs once'],
    [once || service.healthcheck !== undefined, "healthcheck must be there"],
    [/^gatehouse:local$|:v?\d+\.\d+\.?\d*-[a-z]+$/.test(service.image), "image must have a version"],
  ];
  return rules.filter(([kept]) => !kept).map(([, fault]) => `${name}: ${fault}`);
}

/** Root that runs once and can do nothing but give files away. */
function mayChown({ user, restart, cap_add, command }: ComposeService): boolean {
  return user === "0:0" && restart === "no" && cap_add?.join() === "CHOWN" && command?.[0] === "chown";
}
