/** The name under which this service's due work is kept. */
export { PIPELINE_BRIDGE as SERVICE } from "@gatehouse/store";
