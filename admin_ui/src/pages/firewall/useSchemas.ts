import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import type { Schema } from "../../hub/api";
import type { components } from "../../hub/schema";
import { useSession } from "../../hub/session";
import { type Models, propertyOf, rulesOf } from "./schemas";

type Name = keyof components["schemas"];
type FieldOf<N extends Name> = keyof Schema<N> & string;

/** The hub's description of what it takes, read once. */
export function useSchemas() {
  const { api } = useSession();
  const { t } = useTranslation("firewall");
  // The document describes the paths, and isn't one of them.
  const get = api.get as unknown as (path: string) => Promise<{ components: { schemas: Models } }>;
  const { data: models = {} } = useQuery({ queryKey: ["schemas"], queryFn: () => get("/api/openapi.json").then(({ components }) => components.schemas), staleTime: Infinity });
  return {
    rules: <N extends Name>(model: N, field: FieldOf<N>, optional = false) => rulesOf(models, model, field, t, optional),
    property: <N extends Name>(model: N, field: FieldOf<N>) => propertyOf(models, model, field),
    choices: <N extends Name>(model: N, field: FieldOf<N>) => propertyOf(models, model, field).enum ?? [],
  };
}
