import type { Clock } from "../../domain/clock.ts";
import { searchAttributeNames, taskQueue } from "../../domain/provision-contract.ts";
import type { NamespaceState } from "../../domain/operation-runs.ts";
import type { TemporalLook } from "../../domain/temporal-look.ts";
import { pollingWorkers } from "../polling-workers.ts";
import { fail, type Finding, pass, skip, warn } from "./check.ts";

const createIt = "create it, or set TEMPORAL_NAMESPACE";

/** Temporal answers. */
export function checkTemporal(namespace: NamespaceState): Finding {
  if (namespace === "away") return fail("does not answer", "check TEMPORAL_ADDRESS and that the server runs");
  return pass("answers");
}

/** It has the namespace. */
export function checkNamespace(namespace: NamespaceState): Finding {
  switch (namespace) {
    case "ready":
      return pass("is there");
    case "namespace_missing":
      return fail("has no such namespace", createIt);
    case "refuses":
      return warn("does not say whether the namespace is there", "give the key the right to describe it");
    default:
      return skip("Temporal does not answer");
  }
}

/** Runs can be found by organization, tenant and code. They work without. */
export async function checkSearchAttributes(look: TemporalLook, namespace: NamespaceState): Promise<Finding> {
  if (namespace !== "ready") return skip("Temporal does not show the namespace");
  const there = await look.searchAttributes();
  if (there === undefined)
    return skip(
      "this key may not list them",
      "see in Temporal's UI that the five Authio… attributes are there",
    );
  const missing = Object.values(searchAttributeNames).filter((name) => !there.includes(name));
  return missing.length === 0
    ? pass("all are registered")
    : warn(
        `missing: ${missing.join(", ")}; runs work but cannot be found by them`,
        "run npm run migrate with a key that may add them, or add them as Keyword in Temporal",
      );
}

/** Somebody does the work. */
export async function checkWorkers(
  look: TemporalLook,
  namespace: NamespaceState,
  clock: Clock,
): Promise<Finding> {
  if (namespace !== "ready") return skip("Temporal does not show the namespace");
  const { workflow, activity } = await pollingWorkers(look, clock);
  const told = `${workflow} poll for workflows and ${activity} for steps on ${taskQueue}`;
  if (workflow > 0 && activity > 0) return pass(told);
  return fail(
    `${told} within the last two minutes: nothing is provisioned`,
    "start npm run worker; if it runs, see that it has the same TEMPORAL_ADDRESS and TEMPORAL_NAMESPACE, and its log",
  );
}
