import type { Context, MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { bodyBytesMax, headerBytesMax } from "../domain/limits.ts";
import type { AppEnv } from "./app-env.ts";
import { problem } from "./problem.ts";

/**
 * Refuses a body that is too large; `forms` are addresses that take the same as a form and as a query. Node's parser holds a body to the length that its header declares, so that one is
 * judged unread: reading makes a stream of each body, which is a tenth of a small call's work.
 */
export function limitBody(forms: readonly string[]): MiddlewareHandler<AppEnv> {
  const refuse = (c: Context): Response => problem(c as Context<AppEnv>, "body_too_large");
  const reading = (maxSize: number) => ({ maxSize, whileReading: bodyLimit({ maxSize, onError: refuse }) });
  const [usual, long] = [reading(bodyBytesMax), reading(headerBytesMax)];
  return async (c, next) => {
    const { maxSize, whileReading } = forms.includes(c.req.path) ? long : usual;
    const declared = c.req.header("content-length");
    if (declared !== undefined && c.req.header("transfer-encoding") === undefined)
      return Number(declared) > maxSize ? refuse(c) : next();
    let isRead = false;
    try {
      return await whileReading(c, () => {
        isRead = true;
        return next();
      });
    } catch (error) {
      if (isRead) throw error;
      // It broke off. Whatever route reads it says so, in its own shape.
      return next();
    }
  };
}
