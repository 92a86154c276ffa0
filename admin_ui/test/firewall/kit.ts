import type { Publication } from "tocsin-client";
import type { Schema } from "../../src/hub/api";
import type { EventType } from "../../src/pages/firewall/events";

/** A message of the firewall as it comes on the channel. */
export function told(type: EventType, data: object = {}, { at = 0, offset = 1 } = {}): Publication {
  const common = { error_id: null, error_scene: "ios_build", error_type: null, solution: null, confidence: null, operation: "ios_build", why: "Nothing is known against it." };
  return { type, channel: "error_firewall", data: { ...common, ...data }, timestamp: new Date(at).toISOString(), epoch: "e", offset };
}

export const confidence = { value: 0.5, successes: 0, failures: 0, low: 0.0251, high: 0.9749 };

const evidence = { worked: 0, did_not: 0, repeated: 0, overridden: 0, false_blocks: 0 };

export const rule = (fields: Partial<Schema<"ErrorRule">> = {}): Schema<"ErrorRule"> => ({
  id: "rule-ios-build-1",
  operation: "ios_build",
  error_type: "DeviceNotFound",
  status: "suggested",
  action: "block",
  confidence,
  evidence,
  created_at: "2026-01-01T00:00:00Z",
  updated_at: "2026-01-01T00:00:00Z",
  version: 1,
  predicates: [{ kind: "equals", field: "params.device", argument: "iPhone 15", ignore_case: false }],
  record_ids: [],
  title: "iPhone 15 needs iOS 17.2",
  ...fields,
});
