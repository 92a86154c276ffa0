import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import type { AnyPaths, Http } from "tocsin-client/http";
import { useSession } from "../../../hub/session";
import { Catalogue, type Contract } from "./catalogue";

/** The typed messages that this hub knows, from the document that it generates of itself. */
export function useCatalogue(): Catalogue | undefined {
  const { api } = useSession();
  const { data } = useQuery({
    queryKey: ["/asyncapi.json"],
    // OpenAPI describes the hub's interface; the document of its messages stands beside that, and so has no type in it.
    queryFn: ({ signal }) => (api as unknown as Http<AnyPaths>).get("/asyncapi.json", { signal }) as Promise<Contract>,
    staleTime: Infinity,
  });
  return useMemo(() => data && new Catalogue(data), [data]);
}
