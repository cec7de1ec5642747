import { tmpdir } from "node:os";
import { loadConfig, type SharedConfig, sections } from "@gatehouse/runtime";

type Models = SharedConfig["models"];

/** A ranked list as `gatehouse.yaml` would have it: checked, its defaults filled in. */
export function configured<K extends keyof Models>(interface_name: K, entries: readonly object[]): Models[K] {
  const name = `GATEHOUSE_MODELS__${interface_name.toUpperCase()}`;
  return loadConfig({ models: sections.models }, { env: { [name]: JSON.stringify(entries) }, cwd: tmpdir() }).models[
    interface_name
  ];
}
