import { createRequire } from "node:module";

// Required: an import reads all of a CommonJS package for its names before it loads it, which a command would wait for.
const require = createRequire(import.meta.url);

export const {
  Client,
  Connection,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
  ScheduleAlreadyRunning,
  ScheduleOverlapPolicy,
  ServiceError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
} = require("@temporalio/client") as typeof import("@temporalio/client");
export type Client = InstanceType<typeof Client>;
export const {
  defaultPayloadConverter,
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
} = require("@temporalio/common") as typeof import("@temporalio/common");
export type TypedSearchAttributes = InstanceType<typeof TypedSearchAttributes>;
export const { loadClientConnectConfig } =
  require("@temporalio/envconfig") as typeof import("@temporalio/envconfig");
