import type { TFunction } from "i18next";
import { HubError } from "tocsin-client";

/** Says what went wrong, in the hub's own words where it said something. */
export function errorText(error: unknown, t: TFunction): string {
  if (error instanceof HubError) {
    if (error.code === "permission_denied") return t("error.permission", { reason: error.message });
    return error.message;
  }
  return error instanceof Error ? error.message : t("error.unknown");
}
