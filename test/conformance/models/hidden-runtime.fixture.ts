import { registerHooks } from "node:module";

// Loaded before a process's own code: ONNX Runtime is not installed there.
registerHooks({
  resolve(name, context, next) {
    if (name !== "onnxruntime-node") return next(name, context);
    throw Object.assign(new Error(`Cannot find package "${name}"`), { code: "ERR_MODULE_NOT_FOUND" });
  },
});
