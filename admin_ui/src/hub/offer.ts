import { useQuery, type UseQueryResult } from "@tanstack/react-query";
import type { HubError } from "tocsin-client";
import { http } from "tocsin-client/http";
import type { paths } from "./schema";
import { useSession } from "./session";

/** What a hub has for people, whoever they are. */
export interface Offer {
  /** Accounts, agents and chat. */
  readonly agents: boolean;
  /** Anybody may make an account. */
  readonly registration: boolean;
}

/** Asks the hub what it offers: without a token, so also before somebody has signed in, and when a token was refused. */
export function useOffer(): UseQueryResult<Offer, HubError> {
  const { address } = useSession();
  return useQuery<Offer, HubError>({
    queryKey: ["offer"],
    queryFn: async ({ signal }) => {
      const { agents, registration } = await http<paths>(address).get("/health", { signal });
      return { agents: agents === true, registration: registration === true };
    },
    staleTime: Infinity, // a hub that was started anew has everything read again
  });
}
