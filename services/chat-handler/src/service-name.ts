/** The name under which this service's due work is kept. */
export { CHAT_HANDLER as SERVICE } from "@gatehouse/store";
