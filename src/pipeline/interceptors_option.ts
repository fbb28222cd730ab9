// The option `interceptors`, the same on both sides.
import { callable, listOf } from "../options/check.ts";
import type { Interceptor } from "./call.ts";

export const interceptorsOption = listOf(
  callable<Interceptor>("Give a function: (next) => async (call) => await next(call)."),
  "[logging]",
);
