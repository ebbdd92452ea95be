import { expect, it } from "vitest";
import { microsoftIds } from "../../../src/entra/microsoft-ids.ts";

const id = "11111111-2222-3333-4444-555555555555";

it("Graph's and login's names of a call are taken, and nothing that is not one", () => {
  expect(microsoftIds(new Headers({ "request-id": id, "client-request-id": id }))).toEqual({
    microsoft_request_id: id,
    client_request_id: id,
  });
  expect(microsoftIds(new Headers({ "x-ms-request-id": id }))).toEqual({ microsoft_request_id: id });
  expect(microsoftIds(new Headers({ "request-id": `${id}", "level": "error` }))).toEqual({});
  expect(microsoftIds(new Headers())).toEqual({});
});
