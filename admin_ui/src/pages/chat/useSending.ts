import { useCallback, useMemo, useRef, useState } from "react";
import { useMember } from "../../hub/member";
import type { Message } from "../../hub/my";
import { label } from "../../hub/session";
import type { Follower } from "./follower";
import { unseen, type Outgoing } from "./outgoing";

export type Asked = Pick<Outgoing, "content" | "target" | "policy"> & { readonly key?: string };

/** Sends messages: each is shown at once, and stays until the hub has it. */
export function useSending(session_id: string, follower: Follower, messages: readonly Message[] | undefined) {
  const { api } = useMember();
  const [outgoing, setOutgoing] = useState<readonly Outgoing[]>([]);
  const last = useRef(0);
  last.current = messages?.at(-1)?.seq ?? 0;
  const post = useCallback(
    async (one: Outgoing) => {
      const { key, content, target, policy } = one;
      try {
        const body = { content, wait: false as const, idempotency_key: key, if_active: policy, ...(target && { target_agent: target }) };
        const { message, run } = await api.post("/my/chat/{session_id}/message/", { params: { session_id }, body });
        follower.sent(message as unknown as Message, run);
        setOutgoing((all) => all.filter((other) => other.key !== key));
      } catch (error) {
        setOutgoing((all) => all.map((other) => (other.key === key ? { ...other, error } : other)));
      }
    },
    [api, session_id, follower],
  );
  const send = useCallback(
    ({ key = label() + label(), ...asked }: Asked) => {
      const one: Outgoing = { ...asked, key, after: last.current };
      setOutgoing((all) => [...all.filter((other) => other.key !== key), one]);
      void post(one);
    },
    [post],
  );
  const resend = useCallback(({ error: _, ...one }: Outgoing) => send(one), [send]);
  const drop = useCallback(({ key }: Outgoing) => setOutgoing((all) => all.filter((other) => other.key !== key)), []);
  return { waiting: useMemo(() => unseen(outgoing, messages ?? []), [outgoing, messages]), send, resend, drop };
}
