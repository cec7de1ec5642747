export { describeError, type ErrorSummary } from "./describe-error.ts";
export {
  defineError,
  type ErrorClass,
  type ErrorOptions,
  type Facts,
  GatehouseError,
  type Retry,
} from "./gatehouse-error.ts";
