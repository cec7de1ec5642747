import { config as chatHandler } from "@gatehouse/chat-handler/config";
import { config as detectionIngest } from "@gatehouse/detection-ingest/config";
import { config as enrichment } from "@gatehouse/enrichment/config";
import { config as gateway } from "@gatehouse/gateway/config";
import { config as pipelineBridge } from "@gatehouse/pipeline-bridge/config";
import { loadConfig, missingSecrets, type SharedConfig, sectionChecks, sections } from "@gatehouse/runtime";
import { type TObject, Type } from "@sinclair/typebox";

/** Everything that any part reads of the configuration. */
export const allSections = {
  ...chatHandler,
  ...detectionIngest,
  ...enrichment,
  ...gateway,
  ...pipelineBridge,
  ...sections,
};
export type Settings = SharedConfig;

export interface SettingsSource {
  /** Absent: `GATEHOUSE_CONFIG`, else `gatehouse.yaml` in `cwd` if there is one. */
  file: string | undefined;
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Also look whether the secrets that are named are there. Default false. */
  secrets?: boolean;
}

/** Other defaults than usual, by section and setting. */
export type OtherDefaults = Record<string, Record<string, unknown>>;

/** The checked configuration of all services. @throws {ConfigError} every fault in one message */
export function loadSettings({ file, env, cwd, secrets }: SettingsSource, defaults: OtherDefaults = {}): Settings {
  const named = file ?? env.GATEHOUSE_CONFIG;
  const known = { ...allSections, ...withDefaults(defaults) } as typeof allSections;
  const checks = secrets ? [...sectionChecks, missingSecrets({ env, cwd })] : sectionChecks;
  return loadConfig(known, { ...(named ? { file: named } : {}), env, cwd, checks });
}

function withDefaults(defaults: OtherDefaults): Record<string, TObject> {
  const changed = Object.entries(defaults).map(([section, values]) => {
    const { properties } = (allSections as Record<string, unknown>)[section] as TObject;
    const fields = Object.entries(properties).map(([name, field]) => [
      name,
      name in values ? { ...field, default: values[name] } : field,
    ]);
    return [section, Type.Object(Object.fromEntries(fields))];
  });
  return Object.fromEntries(changed);
}
