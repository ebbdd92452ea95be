import { expect, it } from "vitest";
import { errorCodes } from "../../../src/domain/error-codes.ts";
import { bodyBytesMax, streamsPerRequestMax } from "../../../src/domain/limits.ts";
import {
  openRequestsMax,
  requestLifetimeMs,
  startsPerDayMax,
  startsPerPersonAndDayMax,
} from "../../../src/domain/provision-request.ts";

const words = ["none", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

it("texts that state a limit state the one that holds", () => {
  expect(errorCodes.body_too_large.detail).toContain(`${bodyBytesMax / 1024} KiB`);
  expect(errorCodes.too_many_open_requests.detail.toLowerCase()).toContain(words[openRequestsMax]);
  expect(errorCodes.daily_limit_reached.detail).toContain(`${startsPerDayMax} times within 24 hours`);
  expect(errorCodes.daily_limit_reached.detail).toContain(`one person ${startsPerPersonAndDayMax} times`);
  expect(errorCodes.too_many_event_streams.detail).toContain(`${streamsPerRequestMax} live views`);
  expect(errorCodes.request_expired.detail).toContain(`${requestLifetimeMs / 60_000} minutes`);
});
