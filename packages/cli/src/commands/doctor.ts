import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { describeError } from "@gatehouse/errors";
import { checkMachine, type Finding, readRunFile } from "@gatehouse/local";
import { Command } from "commander";
import type { Context } from "../context.ts";
import { EXIT, Quit } from "../exit.ts";
import { modelAnswer } from "../model-answer.ts";
import { probeVectors } from "../probe-vectors.ts";
import { loadSettings, type Settings } from "../settings.ts";
import { paintFor } from "../terminal/paint.ts";
import { assertPortFree } from "../up/assert-port-free.ts";
import { configOption, homeDir, homeOption, jsonOption } from "./options.ts";

interface Options {
  home: string;
  config?: string;
  json: boolean;
}

const HELP = `
Ends with 1 when something that is needed is missing.

Example:
  gatehouse doctor --config site.yaml`;

export function doctorCommand(context: Context): Command {
  return new Command("doctor")
    .description("what is there, what is missing, and what to do")
    .addOption(homeOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .addHelpText("after", HELP)
    .action(async (options: Options) => {
      const findings = await examine(context, options);
      const ok = findings.every((finding) => finding.ok || !finding.needed);
      if (options.json) context.out.write(`${JSON.stringify({ ok, findings })}\n`);
      else show(context, findings, ok);
      if (!ok) throw new Quit(EXIT.failed);
    });
}

async function examine(context: Context, options: Options): Promise<Finding[]> {
  const { env, cwd } = context;
  const home = homeDir(context, options);
  const machine = [...checkMachine({ env, dir: nearestFolder(home) }), await vectors(env.QDRANT_URL || null)];
  const run = readRunFile({ dir: home });
  const running = { name: "gatehouse", ok: true, needed: false, advice: null };
  const runs = run ? `runs as process ${run.pid}: gatehouse status says how it is` : "does not run";
  try {
    const settings = loadSettings({ file: options.config, env, cwd, secrets: true });
    const port = run ? [] : [await gatewayPort(settings)];
    return [...machine, configuration(null), ...port, ...(await modelServers(settings)), { ...running, found: runs }];
  } catch (error) {
    return [...machine, configuration(describeError(error).message), { ...running, found: runs }];
  }
}

function configuration(fault: string | null): Finding {
  const advice = fault === null ? null : `${fault}; gatehouse config print --schema says what may be there`;
  return { name: "configuration", ok: fault === null, needed: true, found: fault === null ? "fits" : null, advice };
}

/** In a folder of its own: the home may not be there yet, or be another's. */
async function vectors(qdrant_url: string | null): Promise<Finding> {
  const dir = mkdtempSync(join(tmpdir(), "gatehouse-doctor-"));
  const { where, fault } = await probeVectors(dir, { qdrant_url });
  rmSync(dir, { recursive: true, force: true });
  const advice = fault && `sources are found by their words alone until vectors can be kept ${where}: ${fault}`;
  return { name: "vectors", ok: fault === null, needed: false, found: fault === null ? where : null, advice };
}

async function gatewayPort({ gateway }: Settings): Promise<Finding> {
  const place = { name: "gateway port", needed: true };
  try {
    await assertPortFree(gateway);
    return { ...place, ok: true, found: `${gateway.host}:${gateway.port} is free`, advice: null };
  } catch (error) {
    return { ...place, ok: false, found: null, advice: describeError(error).message };
  }
}

/** Model servers may come later: without them frames and events wait. */
function modelServers({ models }: Settings): Promise<Finding[]> {
  const servers = Object.values(models)
    .flat()
    .filter((entry) => "kind" in entry);
  return Promise.all(
    servers.map(async (server) => {
      const place = { name: `${server.kind} model`, needed: false };
      if (!("url" in server)) return modelFile(server.file, place);
      const { url } = server;
      try {
        return { ...place, ok: true, found: `${url} ${await modelAnswer(url)}`, advice: null };
      } catch (error) {
        const { message } = describeError((error as Error).cause ?? error);
        return {
          ...place,
          ok: false,
          found: null,
          advice: `start it, or correct models in gatehouse.yaml: ${url}: ${message}`,
        };
      }
    }),
  );
}

function modelFile(file: string, place: { name: string; needed: boolean }): Finding {
  const path = resolve(file);
  if (existsSync(path)) return { ...place, ok: true, found: `${path} is there`, advice: null };
  return { ...place, ok: false, found: null, advice: `put it there, or correct models in gatehouse.yaml: ${path}` };
}

function nearestFolder(path: string): string {
  return existsSync(path) ? path : nearestFolder(dirname(path));
}

function show({ out }: Context, findings: readonly Finding[], ok: boolean): void {
  const paint = paintFor(out);
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { name, ok, needed, found, advice } of findings) {
    const mark = ok ? paint("green", "✓") : needed ? paint("red", "✗") : paint("yellow", "!");
    out.write(`${mark} ${name.padEnd(width)}  ${[found, advice].filter((text) => text !== null).join("; ")}\n`);
  }
  out.write(ok ? "\nEverything that is needed is there\n" : "\nSomething that is needed is missing\n");
}
