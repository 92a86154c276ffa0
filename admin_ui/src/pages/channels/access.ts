import type { Schema } from "../../hub/api";
import type { Session } from "../../hub/session";

export type Options = Schema<"Options">;

/** Who may do something on a channel: the words of the configuration. */
export type Rule = Options["publish"];

type Who = Pick<Session, "user" | "operator" | "signedIn">;

/** Nobody signs in here, and whoever is here is an operator: the hub believes everybody on its machine. */
const isOpen = ({ signedIn, operator }: Who): boolean => !signedIn && operator === true;

/** Whether a rule lets this page in. `undefined` where only the hub knows: it reads the token and the members. */
export function mayBy(rule: Rule, who: Who): boolean | undefined {
  if (rule === "nobody") return false;
  if (rule === "everyone" || isOpen(who)) return true;
  if ((rule === "operators" && who.operator) || (rule === "users" && who.user !== undefined)) return true;
  return who.signedIn ? undefined : false;
}
