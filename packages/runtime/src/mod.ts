export type {
  Bus,
  ConsumerState,
  FollowFrom,
  FollowOptions,
  LiveMessage,
  PublishAck,
  PublishOptions,
  StoredMessage,
  StreamState,
} from "./bus/bus.ts";
export type { DueRow, DueStore } from "./due-store.ts";
export {
  BusUnavailableError,
  ConfigError,
  DestructiveChangeError,
  FencedError,
  HandlingTimeoutError,
  NoStreamError,
  PayloadTooLargeError,
  StreamFullError,
  StreamResetError,
} from "./errors.ts";
export type { Log } from "./log.ts";
export {
  type AnyService,
  type Backing,
  type Config,
  type Delivery,
  type Dependency,
  type Door,
  type DueContext,
  type DueHandler,
  defineService,
  type HandlerContext,
  type Host,
  type Input,
  input,
  type MessageContext,
  type OpenDoor,
  type Publish,
  type PublishEventOptions,
  type Sections,
  type Service,
  type Started,
} from "./service.ts";
export { ack, retry, type Verdict } from "./verdict.ts";
