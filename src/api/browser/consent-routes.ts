import { z } from "zod";
import { describeRoute } from "../contract/route.ts";
import { isFinalRefusal } from "./refusal.ts";
import { consentCodes } from "./told-codes.ts";

/** `consent-callback.ts` */
export const consentCallbackRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/microsoft/consent/callback",
  servedBy: "sso",
  operationId: "consentCallback",
  tag: "Connecting, in the browser",
  summary: "Where Microsoft sends the administrator who approved",
  description:
    "Both legs: the approval, then the proof of the directory. Repeating it in the same browser gives the same answer. What passes is a page at this address, so that a reload repeats it.",
  caller: "browser",
  query: z.object({
    state: z.string().optional(),
    tenant: z.string().optional(),
    admin_consent: z.string().optional(),
    code: z.string().optional(),
    error: z.string().optional(),
    error_description: z.string().optional(),
  }),
  answers: {
    303: {
      description:
        "On to Microsoft, to the progress page, to the return address, or to the page of a final refusal.",
      headers: { Location: "The next address; at the return address `ok` or `error` says how it ended." },
    },
  },
  refusals: consentCodes,
  refusesBy: { kind: "page", clean: true, json: false },
});

/** `refusal.ts` */
export const consentRefusedRoute = describeRoute({
  methods: ["get"],
  path: "/v1/sso/microsoft/consent/refused",
  servedBy: "sso",
  operationId: "consentRefused",
  tag: "Connecting, in the browser",
  summary: "What the callback refused for good",
  description: "Answers with the code's own status, again and again.",
  caller: "browser",
  query: z.object({ about: z.string().meta({ description: "Signed by the callback." }) }),
  answers: {},
  refusals: [...consentCodes.filter(isFinalRefusal), "not_found"],
  refusesBy: { kind: "page", clean: false, json: false },
});
