export { askServers, type ServerPlaces, type ServerReport } from "./ask-servers.ts";
export { checkMachine, type Finding } from "./check-machine.ts";
export { type Child, Children } from "./children.ts";
export {
  BackingDownError,
  BackingFailedError,
  BackingMissingError,
  BackingUrlInvalidError,
  DiskTooSmallError,
  HomeInUseError,
} from "./errors.ts";
export { freePort } from "./free-port.ts";
export { type Home, openHome } from "./home.ts";
export { type RunFile, readRunFile, removeRunFile, writeRunFile } from "./run-file.ts";
export { Server } from "./server.ts";
export type { Log, ServerEvent } from "./server-event.ts";
export type { ServerName } from "./settings.ts";
export { type Backing, type StartBackingOptions, startBacking } from "./start-backing.ts";
export { type StartServersOptions, startServers } from "./start-servers.ts";
